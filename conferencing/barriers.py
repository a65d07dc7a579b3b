"""The catalog of critical barriers: what most often stands between a household and a home.

The words are for everybody on the call, so they name the obstacle, never a diagnosis, an
offense or a person. A slug stays when its words change. Beside the catalogue people write
barriers in their own words; both are kept as words.
Source: River Valleys, “Standard Set of Elements to Review”: critical housing placement barriers.
"""

# Of a household, at a review as in what an agency prepares for it.
LONGEST_BARRIER = 200
MOST_BARRIERS = 30

GROUPS = (
    (
        "Papers",
        (
            ("photo_id", "No photo ID"),
            ("birth_certificate", "No birth certificate or Social Security card"),
            ("verification", "Homelessness not verified yet"),
            ("disability_verification", "Disability not verified yet"),
            ("assessment", "Assessment not done or out of date"),
            ("income_proof", "No proof of income"),
        ),
    ),
    (
        "Money",
        (
            ("no_income", "No income yet"),
            ("low_income", "Income too low for the rents here"),
            ("benefits", "Benefits not decided yet"),
            ("deposit", "No money for deposit or first rent"),
            ("rental_debt", "Debt to a former landlord"),
            ("utility_debt", "Debt to a utility company"),
            ("credit", "Credit history"),
        ),
    ),
    (
        "Landlords and units",
        (
            ("eviction", "Eviction on record"),
            ("rental_history", "No rental history"),
            ("background_check", "Does not pass background checks"),
            ("no_landlord", "No landlord found yet"),
            ("voucher_refused", "Landlords refuse the voucher"),
            ("voucher_ending", "Voucher runs out soon"),
            ("unit_size", "No unit of the size needed"),
            ("unit_accessible", "No accessible unit"),
            ("inspection", "Unit did not pass inspection"),
            ("pets", "Pets or an assistance animal"),
            ("far_away", "What is offered is too far away"),
            ("discrimination", "Discrimination"),
        ),
    ),
    (
        "Programs",
        (
            ("no_openings", "No opening in a suitable program"),
            ("waiting_list", "Long waiting list"),
            ("not_eligible", "Not eligible for what is open"),
            ("supports", "Needs more support than is offered"),
        ),
    ),
    (
        "The household",
        (
            ("transport", "No transportation"),
            ("phone", "Phone out of service"),
            ("not_reached", "Hard to reach"),
            ("language", "Language or interpretation"),
            ("child_care", "No child care"),
            ("reunification", "Family to be reunited first"),
            ("health", "Health needs come first"),
            ("safety", "Not safe where housing is offered"),
            ("trust", "Wary after earlier experience"),
        ),
    ),
)
CATALOGUE = tuple(entry for _group, entries in GROUPS for entry in entries)
WORDS = dict(CATALOGUE)
