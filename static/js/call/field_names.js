// What each field of a review is called, where a text speaks of it.

import { ELEMENTS } from "./elements.js";

export const LABELS = {
  ...Object.fromEntries(ELEMENTS.flatMap(({ key, words, mark, title }) => [[words, "Location details"], [key, title], [mark, title]])),
  systemic: "Systemic barriers",
  notes: "Notes",
  navigator: "Primary housing navigator",
  eligibility: "Eligibility determination",
  is_referred: "Referral made",
  referral: "Referral",
  is_exception: "Priority exception",
  exception_reason: "Why an exception",
  target_kind: "Target",
  target_on: "Target date",
  target_words: "Milestone",
  learned: "What was learned",
  no_step_reason: "No step needed, because",
};

export const nameOf = (field) => LABELS[field] ?? "Notes";
