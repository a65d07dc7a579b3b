// A line of the notes that says who does what by when, read as a step: by plain rules, and in this browser alone.

import { folded } from "./combobox.js";

// What people say of somebody, and not what somebody will do.
const STATES = new Set(
  `is was has says knows thinks wants hopes feels likes lives stays sees hears reports agrees believes worries prefers
  lies owns owes earns gets loves hates misses means seems looks sounds keeps works sleeps uses plans needs remains
  this his its always perhaps besides sometimes yes less plus thus`.split(/\s+/),
);
// What comes after “Paj:” where it is no deed of Paj's.
const NO_DEED = new Set("a an the this that these those it its he she they his her their there here who whose we i my our is was has not no in on at with for and but".split(" "));
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NUMBERS = { a: 1, one: 1, two: 2, three: 3, four: 4, six: 6 };
const LEAST_WORDS = 2;

const WEEKDAY = "(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:day)?";
const MONTH = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const DAY = [
  "(?<near>today|tomorrow)",
  `(?<which>next |this )?(?<weekday>${WEEKDAY})`,
  `(?<month>${MONTH})\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?`,
  "(?<m>\\d{1,2})/(?<d>\\d{1,2})(?:/(?<y>\\d{4}|\\d{2}))?",
  "the (?<nth>\\d{1,2})(?:st|nd|rd|th)",
  "(?:the )?end of (?:the |this )?(?<end>week|month)",
  "(?<next>next week)",
  "in (?<count>an?|one|two|three|four|six|\\d{1,2}) (?<unit>days?|weeks?)",
].join("|");
const UNTIL = new RegExp(`[,;]?\\s+(?:(?:by|until|before|on|due|no later than)\\s+)?(?:${DAY})\\s*[.!]*$`, "i");

const at = (year, month, day) => new Date(year, month, day, 12);
const after = (date, days) => at(date.getFullYear(), date.getMonth(), date.getDate() + days);
export const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

// The day that the groups of UNTIL mean, seen from `today`; null for one that there is not, or that is over.
function dayOf(groups, today) {
  if (groups.near) return after(today, groups.near.toLowerCase() === "tomorrow" ? 1 : 0);
  if (groups.weekday) {
    const wanted = WEEKDAYS.findIndex((each) => each.startsWith(groups.weekday.slice(0, 3).toLowerCase()));
    const ahead = (wanted - today.getDay() + 7) % 7 || 7;
    const isNextWeek = groups.which?.trim().toLowerCase() === "next" && ahead <= 6 - ((today.getDay() + 6) % 7);
    return after(today, ahead + (isNextWeek ? 7 : 0));
  }
  if (groups.month) return dated(MONTHS.indexOf(groups.month.slice(0, 3).toLowerCase()), Number(groups.day), today);
  if (groups.m) {
    const year = groups.y && Number(groups.y.length === 2 ? `20${groups.y}` : groups.y);
    return dated(Number(groups.m) - 1, Number(groups.d), today, year);
  }
  if (groups.nth) {
    const here = valid(today.getFullYear(), today.getMonth(), Number(groups.nth));
    return here && here >= today ? here : valid(today.getFullYear(), today.getMonth() + 1, Number(groups.nth));
  }
  if (groups.end === "month") return at(today.getFullYear(), today.getMonth() + 1, 0);
  if (groups.end) return after(today, (5 - today.getDay() + 7) % 7);
  if (groups.next) return after(today, 7);
  const count = NUMBERS[groups.count.toLowerCase()] ?? (groups.count.toLowerCase() === "an" ? 1 : Number(groups.count));
  return after(today, count * (groups.unit.toLowerCase().startsWith("week") ? 7 : 1));
}

function valid(year, month, day) {
  const found = at(year, month, day);
  return found.getDate() === day ? found : null;
}

// A day of a month: of this year, or of the next one where it is over.
function dated(month, day, today, year) {
  if (month < 0 || month > 11) return null;
  const found = valid(year || today.getFullYear(), month, day);
  if (found && found < today && !year) return valid(today.getFullYear() + 1, month, day);
  return found && found >= today ? found : null;
}

// “calls” as it is told to do.
function toDo(verb) {
  if (/(?:ch|sh|ss|x|zz|o)es$/.test(verb)) return verb.slice(0, -2);
  if (/[^aeiou]ies$/.test(verb)) return `${verb.slice(0, -3)}y`;
  return verb.slice(0, -1);
}

// Who is meant at the beginning of the words: `[people, how many words]`, by the full name, the first one, or the agency.
function meant(words, people) {
  const start = words.map((word) => folded(word).replace(/[^\p{L}\p{N}'’-]+$/u, ""));
  const begins = (name) => {
    const own = folded(name).split(/\s+/);
    return own.length < words.length && own.every((word, place) => word === start[place]) ? own.length : 0;
  };
  for (const nameOf of [(each) => each.name, (each) => each.name.split(/\s+/)[0], (each) => each.agency]) {
    const found = people.filter((each) => nameOf(each) && begins(nameOf(each)));
    if (found.length) return [found, begins(nameOf(found[0]))];
  }
  return [[], 0];
}

// `{what, person, due}` of one line; `person` null where several are meant, `due` null where no day is said; null: no step.
export function stepIn(line, people, today) {
  const words = line.trim().replace(/^[-*•–]\s*/, "").split(/\s+/).filter(Boolean);
  const [found, taken] = meant(words, people);
  if (!found.length) return null;
  const isTold = words[taken - 1].endsWith(":");
  let rest = words.slice(taken).join(" ");
  const link = /^(?:will|to|shall|should|must|needs to|has to|is going to|is to|can)\s+/i.exec(rest);
  if (link) rest = rest.slice(link[0].length);
  let [verb] = rest.split(" ");
  if (!/^\p{L}[\p{L}’'-]+$/u.test(verb ?? "")) return null;
  if (isTold && (NO_DEED.has(folded(verb)) || STATES.has(folded(verb)))) return null;
  if (!link && !isTold) {
    if (!/^\p{Ll}+s$/u.test(verb) || /ss$/.test(verb) || STATES.has(verb)) return null;
    rest = toDo(verb) + rest.slice(verb.length);
    [verb] = rest.split(" ");
  }
  const said = UNTIL.exec(rest);
  const due = said && dayOf(said.groups, today);
  const what = (due ? rest.slice(0, said.index) : rest).replace(/[.\s]+$/, "");
  if (what.split(" ").length < LEAST_WORDS) return null;
  const here = found.filter((each) => each.isHere);
  const [person] = found.length === 1 ? found : here.length === 1 ? here : [null];
  return { what: what[0].toUpperCase() + what.slice(1), person, due: due && iso(due) };
}
