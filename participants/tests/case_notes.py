"""Sentences of case notes as people write them, and the names that Americans have."""

from itertools import product

FIRST_NAMES = """
    James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara
    Richard Susan Joseph Jessica Thomas Karen Christopher Sarah Charles Lisa Daniel Nancy
    Matthew Sandra Anthony Betty Mark Ashley Donald Emily Steven Kimberly Andrew Margaret
    Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa Timothy Deborah
    Ronald Stephanie Jason Rebecca Edward Sharon Jeffrey Laura Ryan Cynthia Jacob Dorothy
    Gary Amy Nicholas Kathleen Eric Angela Jonathan Shirley Stephen Emma Larry Brenda
    Justin Pamela Scott Nicole Brandon Anna Benjamin Samantha Samuel Katherine Gregory
    Christine Alexander Debra Patrick Rachel Frank Carolyn Raymond Janet Jack Maria Dennis
    Olivia Jerry Heather Tyler Helen Aaron Catherine Jose Diane Adam Julie Nathan Victoria
    Henry Joyce Zachary Lauren Douglas Kelly Peter Christina Kyle Ruth Noah Joan Ethan
    Virginia Jeremy Judith Walter Evelyn Christian Hannah Keith Andrea Roger Megan Terry
    Cheryl Austin Jacqueline Sean Madison Gerald Teresa Carl Abigail Harold Sophia Dylan
    Martha Arthur Sara Lawrence Gloria Jordan Janice Jesse Kathryn Bryan Ann Billy
    Isabella Bruce Judy Gabriel Charlotte Joe Julia Logan Grace Alan Amber Juan Alice
    Albert Jean Willie Denise Elijah Frances Wayne Danielle Randy Marilyn Vincent Natalie
    Mason Beverly Roy Diana Ralph Brittany Bobby Theresa Russell Kayla Bradley Alexis
    Philip Doris Eugene Lori Hope Faith Joy Will Rose Summer Autumn April May June Dawn
    Ivy Lily Daisy Pearl Ruby Grant Chase Art Bill Bob Rich Ray Guy Drew Dale Glen Gene
    Sue Penny Melody Harmony Destiny Angel Chance Miles Reed Clay Cliff Earl Hunter King
    Prince Major Star Sunny Sandy Misty Rusty Dusty Bo Al Ed Jo Ty Vi Cy Pat Rob Sky Lane
    Page Paige Robin Jay Lark Norm Case Trip Buddy Sterling
""".split()  # noqa: SIM905
SURNAMES = """
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez
    Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson
    White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott
    Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell
    Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes
    Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson
    Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James
    Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross
    Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson
    Barnes Fisher Vasquez Simmons Stone Wells Day May Rice Park Church House Street Case
    Best Love Short Little Small Strong Rich Poor Good Black Blue Bush Fields Woods Banks
    Waters Rivers Bridges Parks Lane Law Lake Land Hand Head Bone Hart Cross Key Lock
    Glass Wall Post Page Read Story Word Call Hope Grace Faith Joy Peace Freeman Farmer
    Carpenter Mason Hunter Porter Shepherd Knight Bishop Pope Monk Nurse Judge Major
    Sergeant Marshall Moon Starr Sun Snow Rain Winter Summers Spring Frost Storm Cloud
    Hale Flood Drew Chase Grant Will Bill Mark Marks Still Early Moody Noble Wise Sharp
    Smart Swift Quick Sweet Savage Wild Stern Humble Self Person Child Parent Cousin
    Friend Guest Driver Worker Homes Housing Shelter Keys Bond Cash Money Price Penny
    Nichols Vang Moua Xiong Yang Her Thao Lor Vue Ng Do An He So No Li Ma Le Vu Ho Lo Cha
    Oh Hong Song Long Long Tran Pham Street Center Beach Coast Valley Meadows Camp Tent
    Bridge Underwood Overton North South East West Northup Southern Weeks Months Daily
    Holiday Friday Monday Christmas Noel Pack Rush Rest Stay Waits Means Needs Wants Moves
    Carr Ford Dodge
""".split()  # noqa: SIM905

WHO = [
    "Client",
    "She",
    "He",
    "They",
    "The household",
    "Her mother",
    "His brother",
    "The family",
    "Mother",
    "Dad",
    "The oldest child",
    "Participant",
]
DID = [
    "called the landlord about the unit on the third floor",
    "will bring the birth certificate to the office on Monday",
    "may lose the voucher if the lease is not signed in May",
    "hopes to move in before the summer",
    "has an appointment with the Housing Authority in June",
    "stays in a tent by the park near the lake",
    "said that the case manager can mark the form as done",
    "is waiting for a bill from the gas company",
    "will cook and clean for the other guests",
    "needs a ride to the clinic in the early morning",
    "was told that the grace period ends on Friday",
    "has been sleeping in a car in the church lot since March",
    "got the keys and will pay the deposit with the grant",
    "does not want to go back to the shelter on King Street",
    "would like a place with a yard for the dog",
    "lost the phone, and can be reached through the drop-in center",
    "has a job at the mall, four days a week, and earns a good wage",
    "was at the hospital for a short stay, and is still weak",
    "applied for Section 8 and for Social Security",
    "asked whether the judge will hear the case this spring",
    "can stay with a friend for two weeks, no longer",
    "is on the list for Permanent Supportive Housing at Hope House",
    "had a good talk with staff of Rice County",
    "is a strong and wise young person, with a long way to go",
    "left word that he may come late",
    "found a small house for a fair price west of the bridge",
    "has no cash, and the bank will not open an account",
    "needs to read the lease, and to ask what it means",
    "is afraid of the cold and of the rain at the camp",
    "wants help with the rush of forms: ID, SSI, SNAP",
    "won't sign, can't pay, and doesn't know why",
    "grew up by the coast, and would love to see the beach again",
    "met the nurse, the pastor and the parole officer in one day",
    "was seen by Street Outreach in the woods behind the store",
    "has a child with a summer birthday, and a hunter for a father",
]
MORE = [
    "Follow up next week.",
    "Will call again in April.",
    "May need a letter.",
    "Hope to hear by Friday.",
    "Grant ends in August.",
    "Mark as urgent.",
]
LEADING = [
    "In May, the family of four moved to a motel.",
    "Summer was hard; the tent was lost in a storm.",
    "Park staff found the camp, and gave them a day to pack.",
    "Bill paid. Price is fair. Case closed.",
    "Will need: ID, key, cash, ride.",
    "No lease yet. So far so good. Do call.",
    "Long talk with Mom about rent.",
    "Early in the Spring the lease ends, and the Landlord will sell.",
    "Joy at last: the unit passed inspection.",
    "Faith groups offered food and a bed.",
    "Art class and church on Sundays help a lot.",
    "Rich in friends, poor in luck, she says.",
    "Guy at the desk said to come back.",
    "Chase Bank closed the account.",
    "Major repairs are due before move-in.",
    "Sunny unit on the south side; small but clean.",
    "Page two of the form is blank.",
    "Drew a map to the camp for outreach.",
    "Star of the show at the school play.",
    "Sandy soil, wet tent, cold nights.",
    "Rose from bed late; missed the bus.",
    "Dawn to dusk at the day center.",
    "Miles from any bus line.",
    "Chance of a unit at Wilder Home.",
    "Reed and grass around the camp are high.",
]


def SENTENCES():
    """Some two thousand sentences without a name."""
    for number, (who, did) in enumerate(product(WHO, DID)):
        yield f"{who} {did}."
        yield f"{who} {did}. {MORE[number % len(MORE)]}"
        yield f"{MORE[number % len(MORE)]} {who} {did}, as before."
        yield f"{who.upper()} {did.upper()}"
        yield f"- {who.lower()} {did}"
    yield from LEADING


TALK_OF_PEOPLE = [
    ("Shares a tent with ", "Jennifer Lopez", "."),
    ("Talked to ", "Christopher", ", who has a truck."),
    ("Called ", "Garcia, Maria", " twice."),
    ("Met with ", "Hope", " about rent."),
    ("He gave ", "Mark", " the form."),
    ("Went with ", "Grace Park", " to the bank."),
    ("", "Bo Vang", " has the keys."),
    ("Lives at ", "MRS. WILLIAMS"[5:], "’s place."),
    ("Mr. ", "Young", " said no."),
    ("Knows ", "Bo", " from camp."),
]
