"""What is refused of a victim service provider's participant: where they stay, how to reach them.

Written as `rules` says.
"""

from .rule import Kind, Rule

REFUSED = (
    "This could tell where a victim service provider’s participant is, and cannot be kept here. "
    "Say it without the place, for example “in a safe place”."
)

STREET = (
    r"(?:streets?|str?|avenues?|aves?|boulevard|blvd|roads?|rd|lanes?|ln|parkway|pkwy|highway|hwy"
    r"|terrace|circle|cir|alley|trail|trl)"
)
STREET_NAME = r"(?:\d+(?:st|nd|rd|th)|[^\W\d_][\w.'-]{0,30})"
STREET_OR_WORD = r"(?:drive|dr|court|ct|way|place|pl|square|sq|row|loop|path|pass|run|crossing)"
COUNTED = (
    r"(?:days?|weeks?|months?|years?|hours?|minutes?|nights?|times?|kids?|child|children|adults?"
    r"|people|persons?|beds?|bedrooms?|br|bdrm|units?|rooms?|steps?|calls?|miles?|blocks?|dollars?"
    r"|bags?|visits?|messages?|agencies|households?|landlords?|pets?|dogs?|cats?|or|and|to|in|on"
    r"|at|of|the|a|an|with|for|from|off|by|more|other|new|open|this|that|per|percent|am|pm|st|nd|rd|th)"
)

ADDRESS = Rule(
    kind=Kind.WHEREABOUTS,
    words=REFUSED,
    patterns=(
        # 412 oak st, 1200 7th ave nw, 88 n main street
        rf"\d{{1,6}}[a-z]?,? (?:(?!{COUNTED}\b){STREET_NAME} ){{1,3}}{STREET}",
        rf"\d{{2,6}} (?:(?!{COUNTED}\b){STREET_NAME} ){{1,2}}{STREET_OR_WORD}",
        # on main street, off 3rd ave
        r"(?:on|off|at|near|along|from|onto|behind) (?!(?:a|an|the|this|that|our|her|his|their|its"
        r"|any|every|each|another|same|side|busy|quiet|what|which|my|your|one)\b)[a-z\d'-]{1,30}"
        r" (?:street|st|avenue|ave|boulevard|blvd|road|rd|lane|ln)",
        r"(?:highway|hwy|interstate|county road|county rd|cty rd|state road|rural route"
        r"|i-|us-) ?\d{1,3}[a-z]?",
        r"(?<!bus )(?:route|rte|rt) \d{1,4}(?! bus)",
        r"exit \d{1,3}[ab]?",
        r"p\.?o\.? ?box \d+",
        r"address(?: is)?:? \d+ [a-z]\w+",
        r"mile (?:marker|post) \d+",
        # corners
        r"(?:corner|intersection) of (?!the (?:room|kitchen|yard|unit|living)\b)[\w.'-]{1,30}"
        r"(?: [\w.'-]{1,30}){0,2} (?:and|&) [\w.'-]{1,30}",
        # units
        r"(?:apt|apartment|unit|suite|ste|room|rm|lot|trailer|bldg|building|cabin)\.? ?"
        r"(?:#|no\.? ?|number )?\d{1,4}[a-z]?"
        r"(?! ?-? ?(?:bed|br\b|bdrm|bath|people|persons|adults|days|weeks|months|years|or|to|in)"
        r"|[-.,/%]\d)",
        r"(?:apt|apartment|unit) #[a-z\d-]+",
        # coordinates, postal codes, links to a map
        r"-?\d{1,3}\.\d{3,}°? ?[ns]?[, ]{1,3}-?\d{1,3}\.\d{3,}(?:°? ?[ew])?",
        r"\d{1,3} ?° ?\d{1,2} ?['′].{0,12}?[nsew]",
        r"zip(?: ?code)?:? ?\d{5}(?:-\d{4})?",
        r"(?:maps\.app\.goo\.gl|goo\.gl/maps|google\.\w+/maps|maps\.google\.\w+|maps\.apple\.com"
        r"|what3words\.com)\S*|(?:///)\w+\.\w+\.\w+",
    ),
    exceptions=(r"(?:bus|train) (?:route|line) \d+", r"step \d+ \w+ \w+"),
    cased=(
        # Maple Street, 5th Avenue; but not Elm Street Youth Center, not St. Paul
        r"(?:[A-Z][\w'-]{1,30}|\d+(?:st|nd|rd|th)) (?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd"
        r"|Lane|Ln|Parkway|Pkwy|Terrace|Circle|Alley|Trail)\b(?!\.? [A-Z])",
        r"(?:on|off|at|near|along|behind) (?:[A-Z][\w'-]{1,30} ){1,2}(?:Drive|Dr|Court|Ct|Way|Place"
        r"|Pl|Square|Sq|Row|Loop)",
        r"\d+(?:st|nd|rd|th) (?:St|Ave|Street|Avenue)(?: [NSEW]{1,2})?",
        # 5th and Main, Broadway & 2nd
        r"(?<!the )\d{1,3}(?:st|nd|rd|th) ?(?:and|&) ?[A-Z][a-z]+"
        r"(?! (?:will|can|calls|has|is|grade))",
        r"[A-Z][a-z]+ ?(?:and|&) ?\d{1,3}(?:st|nd|rd|th)(?! (?:grade|month|week|call|visit))",
        r"(?:Apt|Apartment|Unit|Suite|apt|unit|apartment) [B-HJ-Z](?=[\s,.;]|$)",
        r"(?:MN|MA|WI|IA|SD|ND|IL|NY|CT|VT|NH|RI|ME) \d{5}(?:-\d{4})?",
    ),
    cased_exceptions=(
        r"(?:the|January|February|March|April|May|June|July|August|September|October|November"
        r"|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.? "
        r"\d{1,2}(?:st|nd|rd|th) ?(?:and|&)",
        r"(?:at|near|on) (?:Housing|Family|District|County|Probate|Tribal|Juvenile|Veterans|Drug"
        r"|Treatment|Conciliation|Federal|Eviction|Municipal) Court",
        r"(?:Off|On|From) the [Ss]treet",
        r"(?:Homeless|Wall|Easy|Sesame|Life) (?:Street|Road)",
        r"(?:January|February|March|April|May|June|July|August|September|October|November"
        r"|December) (?:and|&) \d",
    ),
)

PHONE = Rule(
    kind=Kind.WHEREABOUTS,
    words=(
        "This looks like a phone number. A victim service provider’s participant is reached "
        "through that provider: it cannot be kept here."
    ),
    patterns=(
        r"(?<![\d-])(?:\+?1[-. ]{0,2})?\(?[2-9]\d{2}\)?[-. /]{1,2}\d{3}[-. ]\d{4}(?![-\d])",
        r"(?<![\d-])[2-9]\d{2}-\d{4}(?![-\d])",
        r"(?<!case )(?<!file )(?<!# )(?<!#)(?<!id )(?<!number )(?<!voucher )(?<!no\. )"
        r"[2-9]\d{2}[2-9]\d{6}",
    ),
)

NOT_A_PLACE = (
    r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Monday|Tuesday|Wednesday|Thursday|Friday"
    r"|Saturday|Sunday|Mon|Tues?|Wed|Thurs?|Fri|Spring|Summer|Fall|Autumn|Winter|Christmas"
    r"|Thanksgiving|Easter|Spanish|English|Hmong|Somali|Karen|Arabic|Vietnamese|Russian|French"
    r"|Portuguese|Region|Section|Coordinated|Rapid|Permanent|Transitional|Housing|Supportive"
    r"|Public|Bridge|Bridges|Phase|Step|Tier|Level|Part|Title|Form|Zoom|Teams|Court|Family|District"
    r"|Medicaid|Medicare|Social|Veterans|Shelter|Emergency|Outreach|Active|Inactive|Need|Case|Intake"
    r"|Noon|Midnight|Risk|Least|Home|Work|School|Christ|God|Person|Urgent|Legal|Continuum|This|That"
    r"|The|Her|His|Their|Our|Its|It|She|He|They|We|Which|Who|Good|All|No)\b)"
    r"(?![\w'-]{1,30}(?: [A-Z][\w'-]{1,30})? [Cc]ounty\b)"
)
TOWN = NOT_A_PLACE + r"[A-Z][a-z][\w'-]{0,30}(?: [A-Z][a-z][\w'-]{0,30}){0,2}"

STAYS = (
    r"(?:stay(?:s|ed|ing)?|sleep(?:s|ing)?|slept|liv(?:es?|ed|ing)|resid(?:es?|ed|ing)"
    r"|crash(?:es|ed|ing)|camp(?:s|ed|ing)|park(?:s|ed|ing)|hid(?:es?|ing)|housed|shelter(?:ed|ing)"
    r"|couch[- ]?surf(?:s|ed|ing)|doubled[- ]up|moved in|moving in|placed|put up)"
)
WISHES = (
    r"(?:wants?|wanted|would like|would love|hop(?:es?|ed|ing)|prefers?|preferred|wish(?:es)?"
    r"|afraid|scared|unable|not able|not allowed|not safe|unsafe|refuses?|refused|nowhere"
    r"|no place|no one|asks?|asked|open|willing|like) (?:\w+ )?to (?:\w+ )?"
)
REFUSALS = (
    r"(?:can(?:not|'t| not)|can no longer|no longer|could(?:n't| not)|does(?:n't| not)"
    r"|did(?:n't| not)|will not|won't|should(?:n't| not)|never|stopped|instead of|rather than"
    r"|may not|not|cannot safely) "
)
IN_GENERAL = (
    r"(?:(?:an?|the|this|that|our|her|his|their|its|my|one|some|any|another) )?"
    r"(?:very |more |same )?(?:safe\w*|undisclosed|confidential|unknown|secure|current\w*|same"
    r"|different|new|other|shelters?|emergency|motels?|hotels?|homes?|house|places?|locations?"
    r"|address|program\w*|nights?|times?|risk|least|most|all|present|once|work|or"
    r"|poverty|below|that|this|it|own|domestic|dv|victim|transitional|temporary|apartment|unit"
    r"|rental|room|placement|setting|market|any|\d+ ?(?:%|percent))(?!\w)"
)
PEOPLE = (
    r"(?:sisters?|brothers?|mother|mom|mum|father|dad|parents?|aunt|uncle|cousins?|grand\w+|friends?"
    r"|boyfriend|girlfriend|ex|in-laws?|family|relatives?|neighbou?rs?|co-?workers?|pastor|coach"
    r"|step(?:mother|mom|father|dad|sister|brother)\w*|acquaintances?|host family|nieces?"
    r"|nephews?|(?:adult|grown|older|oldest) (?:son|daughter|child))"
)

STAYING = Rule(
    kind=Kind.WHEREABOUTS,
    words=REFUSED,
    patterns=(
        rf"{STAYS}(?: \w+)? at (?!{IN_GENERAL}).{{1,30}}?(?=[\s.,;!?]|$)",
        rf"{STAYS}(?: \w+)? (?:with|w/?) (?:(?:an?|the|her|his|their|my|some|old|one of|another"
        rf"|extended|different|other|various) ){{0,3}}(?:\w+ )?{PEOPLE}(?:'s)?",
        rf"{STAYS}(?: [\w'-]{{1,30}}){{0,4}} (?:behind|above|under|underneath|beneath|next to"
        r"|across from|outside of|by) (?:the|an?) (?!(?:county|state|region|area"
        r"|city|town|time|program|name|end|week|month|day|lease|same|rules|terms|moment)\b)\w+",
        r"(?:couch|basement|garage|spare room|attic|trailer|house|apartment|place|home) of"
        rf" (?:an?|her|his|their) (?:\w+ )?{PEOPLE}",
        rf"(?:at|in|to) (?:her|his|their|an?) (?:\w+ )?{PEOPLE}'?s?'? (?:couch|basement|garage"
        r"|house|apartment|place|home|trailer|room|spare room)",
    ),
    exceptions=(rf"{WISHES}{STAYS}", rf"{REFUSALS}(?:\w+ )?{STAYS}"),
    cased=(
        rf"(?i:{STAYS})(?: \w+)? with {NOT_A_PLACE}"
        rf"[A-Z][\w'-]{{1,30}}(?: [A-Z][\w'-]{{1,30}})?",
    ),
)

LODGING = (
    r"(?:motel|hotel|shelter|apartment|room|house|home|place|unit|trailer|campground|hospital|church"
    r"|job|works?|working|worked|school|appointment|friends?|sister|brother|mother|mom|father|aunt"
    r"|uncle|cousin|family|parents|daycare|clinic|store|restaurant|factory|plant)"
)
LIVES_IN_GENERAL = (
    r"(?!(?:an?|the|her|his|their|our|my|its|this|that|these|those|any|some|someone|one|two|three"
    r"|what|which|it|many|several|various|and|or|with|between|different|another|other|same|shelters?"
    r"|emergency|transitional|temporary|permanent\w*|support\w*|subsidized|public|affordable|safe\w*"
    r"|unsafe|fear|crisis|poverty|hiding|housing|motels?|hotels?|cars?|vehicles?|tents?|doubled\w*"
    r"|overcrowded|crowded|substandard|poor|bad|good|town|place|places|close|shared|rural|urban|limbo"
    r"|peace|undisclosed|confidential|private|rental|stable|unstable|uninhabitable|congregate|non"
    r"|unsuitable|rapid|recovery|sober|treatment|foster|group|low|market|section|county|person|need"
    r"|general|total|part|total|constant|severe|cold|danger|dangerous|terrible|very|such|more|less"
    r"|case|contact|vans?|rvs?|campers?|winter|summer|spring|fall|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|domestic|violent|abusive|multiple|separate|substandard|units?|there"
    r"|here|at|hopes?|order|addition|touch|spite|dv|hud|psh|rrh|th|short|long|mixed|unknown"
    r"|inadequate|insecure|precarious|supervised|assisted|senior|student|family|familiar)\b)"
)

IN_TOWN = Rule(
    kind=Kind.WHEREABOUTS,
    words=REFUSED,
    patterns=(
        r"(?:lives|living|lived|staying|stays|stayed|resides|residing|sleeps|sleeping|hiding|housed)"
        rf" (?:\w+ )?in {LIVES_IN_GENERAL}[a-z]{{3,}}(?! county)",
    ),
    exceptions=(
        rf"{WISHES}{STAYS}",
        rf"{REFUSALS}(?:\w+ )?{STAYS}",
        r"(?:wants?|prefers?|would like|looking for|looks for|hopes? for|search(?:es|ing)? for"
        r"|open to|appl(?:y|ied|ies|ying) (?:for|to)|interested in|waits? for|waiting for|no|for"
        r"|on the list for) (?:(?!(?:from|at|while|but|who|now|is|staying)\b)[\w'-]{1,30},? ){0,5}"
        rf"{LODGING}",
    ),
    cased=(
        rf"(?i:{STAYS})(?: \w+)? (?:in|near|around|outside|close to|just outside)(?: of)? {TOWN}",
        r"(?i:moved|moving|fled|relocat(?:ed|ing)|went|going|return(?:ed|ing)|came|travel(?:ed|ing)"
        r"|drove|took (?:the |a )?\w+"
        rf"|back)(?: back| over| down| up)? (?:to|into|from) {TOWN}",
        r"(?i:is|are|was|were|now|back|currently|still|safe|seen|located|spotted|somewhere)"
        rf"(?: \w+)? (?:in|near|around|outside) {TOWN}",
        rf"(?i:{LODGING}) (?:in|near|outside) {TOWN}",
        rf"(?:[Ii]n|[Nn]ear) {TOWN}(?= (?:now|currently|for now|at the moment)\b)",
    ),
)

NAMED_PLACE = Rule(
    kind=Kind.WHEREABOUTS,
    words=REFUSED,
    patterns=(
        r"super 8|motel 6|(?:holiday|days|red roof|comfort|hampton|budget|quality|fairfield|ramada"
        r"|americ)-? ?inn|econo ?lodge|travelodge",
        r"(?:behind|outside|next to|across from|parking lot (?:of|at|by|behind)) (?:the )?"
        r"(?:wal-?mart|target|kwik trip|casey's|mcdonald's|hy-?vee|aldi|cub|menards|fleet farm"
        r"|library|fairgrounds?|bus station|courthouse|post office|truck stop)",
    ),
    cased=(
        rf"(?:at|behind|outside|inside|beside|next to|across from|under|near) (?:the )?{TOWN}",
        r"(?:(?!(?:The|A|An|Our|Her|His|Their|Emergency|Family|Families|Youth|Women's|Men's|Warming"
        r"|Winter|Overnight|Day|Homeless|Crisis|Local|Safe|Public|Any|No|This|That|Every|Domestic"
        r"|Violence|County|Find|Call|Ask|If|When|Needs|Next|Open|Supportive|In|At|To|Night|Low"
        r"|Barrier|Seasonal|Ready|Wants|Left|New|Other|Another|Temporary|Mobile)\b)"
        r"[A-Z][\w'.&-]{0,30} )"
        r"{1,4}(?:Shelter|Inn|Motel|Hotel|Suites|Lodge|Apartments|Apts|Towers?|Manor|Estates"
        r"|Campground|Townhomes|Trailer Park|Mobile Home Park)",
        r"(?:in|into|to|from|by|left) (?:the )?(?:[A-Z][\w'.&-]{1,30} ){1,3}(?:House|Home|Haven"
        r"|Hospital|Church|Park|Residence|Place|Village|Commons)(?! [A-Z])",
    ),
    cased_exceptions=(
        r"(?:staff|[Ww]orkers?|[Mm]anagers?|advocates?|contacts?|leads?|navigators?|assessors?"
        r"|specialists?|someone|somebody|anyone|team|person|nurse|supervisor|colleague|landlord|desk"
        r"|[Aa]dvocate|[Nn]avigator|[Ss]taff) at",
        r"(?<=[a-z,;] )[A-Z][a-z]+ at",
        r"[A-Z][a-z]+ [A-Z][a-z]+ at",
        r"(?!(?:Slept|Seen|Met|Kept|Now|Still|Safe|Last|Not|Job|Work|Spent|Left|Hidden|Camp|Found"
        r"|Back|Room|Is|Was|Car|Tent|Bed|Child|Children|Appointment|Shift)\b)[A-Z][a-z]*[a-df-rt-xz]"
        r" at",
        r"(?:to|from|by) (?:the )?(?:Supportive|Transitional|Group|Nursing|Foster|Open|Own|Safe)"
        r" (?:House|Home|Place|Haven)",
    ),
)
