"""The rules on careful words, in one place to read and change.

Each has the words that the writer sees, patterns of what it looks for, and exceptions: what
begins inside an exception is let through. `patterns` and `exceptions` meet the text in small
letters, `cased` and `cased_exceptions` as it was typed. Whole words only; a blank stands for
any number of blanks, never for a new line; dashes and apostrophes of every shape are written
"-" and "'". `conferencing/tests/test_careful_words.py` has, per kind, texts that must hint and
texts that must not: add yours there first.
"""

from .rule import Kind, Rule
from .whereabouts import ADDRESS, IN_TOWN, NAMED_PLACE, PHONE, STAYING

SSN = Rule(
    kind=Kind.SSN,
    words="This looks like a Social Security number. Please leave it out.",
    patterns=(
        r"(?<!\d[-.])(?!000|666)\d{3}(?: ?[-.] ?| )\d{2}(?: ?[-.] ?| )\d{4}(?![-.]\d)",
        r"(?:ssn|ss ?#|itin|soc\.? sec\.?(?: ?#| no\.?| number)?|social(?: security)?"
        r"(?: ?#| no\.?| number)?)(?: is| was)?[:\s#-]{1,4}\d{3}[-. ]?\d{2}[-. ]?\d{4}",
        r"(?:x{3}|\*{3})[- ]?(?:x{2}|\*{2})[- ]?\d{4}",
        r"(?:ssn|social security number|social)(?: that)? (?:ends|ending)(?: in| with)?:? \d{4}",
        r"last (?:4|four)(?: digits)?(?: of)?(?: her| his| their| the)? (?:ssn|social"
        r"(?: security number)?)(?: is| are| was)?:? \d{4}",
    ),
)

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
FULL_DATE = (
    rf"(?:\d{{1,2}} ?[-/.] ?\d{{1,2}} ?[-/.] ?(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{1,2}}-\d{{1,2}}"
    rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {MONTH},? \d{{4}})"
)
BORN = (
    r"(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|b-?day|born)(?: is| was)?(?: on)?"
    r"[: ,#-]{0,3}"
)

BIRTH_DATE = Rule(
    kind=Kind.BIRTH_DATE,
    words="This looks like a date of birth. Please leave it out; an age in years is enough.",
    patterns=(
        rf"{BORN}{FULL_DATE}",
        r"(?:dob|d\.o\.b\.?|date of birth|birth ?date)(?: is| was)?[: ,#-]{0,3}"
        r"\d{1,2} ?[-/.] ?\d{1,2}",
        # A whole date so long ago is hardly anything else.
        r"(?<![\d/.-])(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19\d{2}|200\d)",
        r"(?<![\d/.-])(?:19\d{2}|200\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])",
    ),
)

DIAGNOSIS = Rule(
    kind=Kind.DIAGNOSIS,
    words=(
        "This reads like a diagnosis. Say what the household needs instead, for example "
        "“ground floor” or “quiet unit”."
    ),
    patterns=(
        r"(?:re)?diagnos(?:ed|is of|is is|ed as)",
        r"dx(?:'d)?",
        r"bi-?polar",
        r"schizo\w+",
        r"psychosis|psychotic(?: episode)?",
        r"c?-?ptsd|post-?traumatic stress\w*",
        r"(?:clinical|major|severe|postpartum|post-partum|manic|chronic) depression",
        r"(?:clinically|severely|chronically) depressed",
        r"(?:has|have|had|with|from|and|for|her|his|their) depression",
        r"(?:anxiety|panic|eating|mood|conduct|personality|stress|bleeding) disorder",
        r"(?:her|his|their|severe|has|chronic|and) anxiety",
        r"borderline personality|bpd",
        r"adhd|ocd|autism|autistic|asperger\w*",
        r"(?:serious(?: and persistent)?|severe|has a|chronic) mental illness|spmi",
        r"mentally ill",
        r"dementia|alzheimer\w*",
        r"(?:traumatic )?brain injury|tbi",
        r"(?:breast |lung |colon |skin |stage \w+ )?cancer|chemo(?:therapy)?|leukemia|lymphoma",
        r"diabet(?:es|ic)",
        r"epilep(?:sy|tic)|seizures?",
        r"copd|emphysema|asthma(?:tic)?",
        r"cirrhosis|hepatitis(?: [abc])?|hep[- ]?[abc]",
        r"tuberculosis|has tb|active tb",
        r"multiple sclerosis|muscular dystrophy|cerebral palsy|fibromyalgia|lupus",
        r"(?:heart|kidney|liver|renal) (?:failure|disease)|dialysis|heart attack",
        r"(?:had|has had|after|since|second) (?:a |her |his |their )?stroke",
        r"(?:tested|tests) positive(?: for (?:covid|flu|tb))?|has covid",
        r"lithium|seroquel|zyprexa|risperdal|abilify|haldol|prozac|zoloft|lexapro|insulin",
    ),
    exceptions=(
        r"american cancer society",
        r"(?:market|economy|prices|rents?) \w+ depression",
        r"after (?:a )?stroke of",
        r"lithium (?:battery|batteries)",
        r"(?:tested|tests) positive for (?:lead|mold|mould|radon|asbestos|bed ?bugs)",
    ),
)

HIV = Rule(
    kind=Kind.HIV,
    words="This may tell of HIV status. Leave it out unless the person asked to have it shared.",
    patterns=(
        r"hiv\+?",
        r"(?:has|had|have|with|from|of|full-blown|developed) aids",
        r"aids[- ](?:related|defining|diagnosis|status|patient|case management|services?)",
        r"hopwa|ryan white",
        r"anti-?retrovirals?|biktarvy|truvada|genvoya",
        r"viral load|cd4(?: count)?|t-cell count",
        r"sero-?positive|seroconver\w+",
    ),
    exceptions=(
        r"(?:works?|helps?|helped|came|comes|comes out) with aids (?:like|such|for|to)",
        r"(?:hearing|walking|visual|financial|mobility|teaching|study|health|nurse|nursing)"
        r" aids",
    ),
    cased=(r"AIDS", r"PrEP"),
    cased_exceptions=(
        r"AIDS (?:in|with|the|a|an|our|her|his|their|them|families|people|clients|both"
        r"|THE|A|IN|WITH|FAMILIES|PEOPLE|CLIENTS)",
        r"(?:[A-Z]{2,} ){2}AIDS(?= [A-Z]{2,} [A-Z]{2,})",
    ),
)

DRUGS = (
    r"heroin|meth|crystal meth|methamphetamines?|fentanyl|cocaine|crack cocaine|opioids?|opiates?"
    r"|oxycontin|oxycodone|percocet"
)

SUBSTANCE_USE = Rule(
    kind=Kind.SUBSTANCE_USE,
    words=(
        "This may tell of substance use or its treatment (42 CFR Part 2). Leave it out unless "
        "the person asked to have it shared."
    ),
    patterns=(
        DRUGS,
        r"(?:smok(?:es|ed|ing)|us(?:es|ed|ing)) (?:crack|coke|weed|pot|drugs|marijuana|cannabis)",
        r"(?:illegal|street|iv|intravenous|hard|injects?|injecting|on) drugs?(?: use| user)?",
        r"drug (?:use|user|abuse|addict|addiction|problem|habit|test|screen|treatment|court"
        r"|of choice)",
        r"substance(?:[- ](?:use|abuse|misuse|disorder))+|substances (?:again|daily)",
        r"chemical(?:ly)? (?:dependen\w+|health)|cd (?:treatment|assessment|program)|rule 25",
        r"(?:alcohol|opioid)[- ](?:use|abuse|misuse|addiction|dependen\w+|problem|treatment)",
        r"alcoholi(?:c|cs|sm)|alcoholics anonymous|narcotics anonymous",
        r"(?:heavy|problem) drink(?:er|ing)|drinking (?:again|problem|heavily|daily|too much)",
        r"(?:is|was|were|been|came|arrived|showed up|got|often)"
        r" (?:drunk|intoxicated|high on (?:drugs|meth|pills|something))",
        r"addict(?:s|ed|ion|ions)?",
        r"detox(?:ed|ing|ification)?",
        r"rehab",
        r"sober|sobriety",
        r"relaps(?:e|es|ed|ing)",
        r"(?:\w+ )?(?:days?|weeks?|months?|years?) clean",
        r"(?:got|getting|staying|stayed|been|gets|be) clean(?= (?:for|since|from|and)|[.,;!]|$)",
        r"clean (?:for|since|from)(?= (?:\w+ )?(?:\w+ )?(?:days?|weeks?|months?|years?|drugs"
        r"|alcohol|meth|heroin|january|february|march|april|may|june|july|august|september"
        r"|october|november|december))",
        r"methadone|suboxone|subutex|buprenorphine|naltrexone|vivitrol|antabuse",
        r"narcan|naloxone|overdos(?:e|es|ed|ing)",
        r"needle exchange|syringes?",
        r"(?:12|twelve)[- ]step",
        r"(?:in|out of|from|left|enter(?:s|ed|ing)?|finish(?:es|ed)|complet(?:es|ed|ing)|to|for"
        r"|inpatient|outpatient|residential|court-ordered|rehab) treatment"
        r"(?! of| by the| under| from| for (?:her|his|their) (?:teeth|back|eye|eyes|leg|knee))",
        r"treatment (?:center|centre|facility|program|court|bed|stay)",
        r"in recovery|recovery (?:house|home|housing|program|center|meeting|meetings|coach)",
        r"halfway house",
        r"using again",
    ),
    exceptions=(
        r"(?:housing|home|building|unit|property|gut|moderate|substantial|minor|kitchen"
        r"|vocational|voc|owner|credit|roof|rental) rehab",
        r"rehab (?:of|loans?|grants?|work|project|funds?|funding|costs?|permits?|the|on)",
        r"(?:equal|fair|unfair|unequal|rude|preferential|dental|eye|bed ?bug|pest|water|heat)"
        r" (?:\w+ )?treatment",
        r"(?:for|to|from) (?:equal|fair|unfair) treatment",
        r"recovery (?:act|funds?|plan)",
        r"(?:kitchen|unit|apartment|room|house|car|place|carpet|carpets|it|they) (?:\w+ )?"
        r"been clean",
        r"sober (?:look|view|count|estimate)",
        r"been clean and (?:tidy|dry|quiet|safe)",
    ),
    cased=(
        r"(?:on|in|takes|started|starts) MAT",
        r"MAT (?:program|clinic|provider|treatment)",
        r"(?:attends?|attending|goes to|going to|in|to) (?:AA|NA)(?! batter)",
        r"(?:AA|NA) (?:meetings?|sponsor|group)",
        r"(?:has|have|with|for|an?|active|of) (?:SUD|OUD|AUD)|(?:SUD|OUD|AUD) (?:treatment|dx)",
    ),
)

OFFENSES = (
    r"assault|theft|drugs?|burglary|robbery|murder|arson|forgery|fraud|possession|shoplifting"
    r"|trespass(?:ing)?|domestic|battery|weapons?"
)

CRIMINAL = Rule(
    kind=Kind.CRIMINAL,
    words=(
        "This reads like criminal detail. Say only what housing hangs on, for example “needs a "
        "landlord who looks at each case”."
    ),
    patterns=(
        r"felon(?:y|ies|s)?|misdemeanors?",
        r"convicted|(?:prior |felony |criminal |past |old |drug )*convictions?",
        r"(?:was |were |got |been |under |recent |re-?)*arrest(?:s|ed)?",
        r"(?:in|from|to|out of|left|county|leaves|leaving|after|his|her|their) (?:jail|prison)",
        r"jail(?:ed)?|prison|imprisoned|incarcerat(?:ed|ion)|inmate",
        r"probation|parol(?:e|ed|ee|ees)",
        r"(?:(?:sex|registered|predatory|violent|level \w+) )*offenders?|sex crimes?",
        r"(?:has|have|had|active|open|outstanding|arrest|bench|a) warrants?(?: out)?",
        r"d[uw]i(?:s|'s)?",
        r"charged with|(?:criminal|felony|pending|open|dropped|" + OFFENSES + r") charges?",
        r"charges (?:are |were |still )?(?:pending|dropped|filed)",
        r"criminal (?:record|records|history|past|case|background|offense|offence|court|matter)",
        r"(?:has|have|had|with) a record",
        r"did time|serv(?:ed|ing) time|sentenced(?: to)?|pleaded guilty|pled guilty|plea deal",
        r"(?:out )?on bail|bailed out|ankle (?:monitor|bracelet)",
        r"expung(?:ed|ement)",
        r"department of corrections|community corrections|correctional (?:facility|center)",
        r"gang (?:member|involved|related|affiliation)",
        r"manslaughter|homicide|prostitution|solicitation charge",
    ),
    exceptions=(
        r"cardiac arrest",
        r"criminal (?:background|history|record)s? (?:checks?|screening|policy)",
        r"(?:no|without(?: a)?|any|ignores?|overlooks?) (?:criminal )?(?:background|history|record)"
        r" (?:checks?|screening|required)",
        r"(?:courage of|strong|personal|religious) (?:\w+ )?convictions?",
        r"warrants? (?:a|an|the|more|further|another|it)",
        r"probation(?:ary)? (?:period|time)|probation at (?:her|his|their|the|a|work)",
        r"charged with (?:find|keep|help|mak|lead|tak|writ|plan|see|look|call)\w*ing",
        r"(?:phone|battery|scooter|bike|wheelchair) (?:is |was )?charged with",
        r"eviction (?:record )?(?:was )?expung(?:ed|ement)|expung(?:ed|ement) of (?:the|an|her|his"
        r"|their) (?:old )?eviction|expunged? (?:the|an|her|his|their) (?:old )?eviction",
        r"(?:has|have|had|with) a record (?:of (?:paying|payment|on-time|her|his|their|rent"
        r"|steady)|high|low|in hmis)",
        r"(?:broken|dead|flat|new|spare|car|phone) batter\w+ charges?|(?:no|battery) charge",
        r"(?:open|pending|dropped) charges? (?:for|on|of|to) (?:rent|the card|late|utilities)",
    ),
)

RULES = (
    SSN,
    BIRTH_DATE,
    DIAGNOSIS,
    HIV,
    SUBSTANCE_USE,
    CRIMINAL,
    ADDRESS,
    PHONE,
    STAYING,
    IN_TOWN,
    NAMED_PLACE,
)
