"""HUD's HMIS CSV of FY2026, as far as it is written here: files, columns in order, codes.

Source: HUD, HMIS CSV Format Specifications FY2026, and HMIS Data Standards FY2026 (elements 4.12,
4.19, 4.20). Of the files that hold headings alone only the columns are needed.
"""

from dataclasses import dataclass

from participants.hmis import codes

VERSION = "2026 v1.0"
LONGEST_ID = 32

EVENTS, RESULTS = codes.EVENTS, codes.RESULTS

PROBLEM_SOLVING, FOLLOW_UP, NAVIGATION = "2", "5", "7"
# Those to a bed, unit or voucher: they have a place and a result.
TO_OPENINGS = ("10", "11", "12", "13", "14", "15", "17", "18")
SITUATIONS = {
    "116": "Place not meant for habitation",
    "101": "Emergency shelter, or hotel paid by a shelter voucher",
    "118": "Safe haven",
    "302": "Transitional housing for people without a home",
    "332": "Host home (not crisis)",
    "329": "Residential project or halfway house",
    "314": "Hotel or motel, not paid by a shelter voucher",
    "335": "With family",
    "336": "With a friend",
    "204": "Psychiatric hospital",
    "205": "Detox center or treatment facility",
    "206": "Hospital, not psychiatric",
    "207": "Jail, prison or juvenile detention",
    "215": "Foster care",
    "225": "Long-term care facility or nursing home",
    "410": "Rental, no ongoing subsidy",
    "435": "Rental, with an ongoing subsidy",
    "411": "Own home, no ongoing subsidy",
    "421": "Own home, with an ongoing subsidy",
    "17": "Other",
    "37": "Worker could not tell",
    "8": "Client does not know",
    "9": "Client prefers not to answer",
    "99": "Data not collected",
}
ASSESSMENT_TYPES = {"1": "By phone", "2": "By video", "3": "In person"}
ASSESSMENT_LEVELS = {"1": "Crisis needs", "2": "Housing needs"}
PRIORITIZATION = {"1": "Placed on the prioritization list", "2": "Not placed on it"}
YES_NO = {"1": "Yes", "0": "No"}
CODES = {
    "event": EVENTS,
    "result": RESULTS,
    "situation": SITUATIONS,
    "assessment_type": ASSESSMENT_TYPES,
    "assessment_level": ASSESSMENT_LEVELS,
    "prioritization": PRIORITIZATION,
    "no_yes": YES_NO,
    "answer": YES_NO | {"8": "", "9": "", "99": ""},
    "subsidy": dict.fromkeys(
        ["419", "420", "428", "431", "433", "434", "436", "437", "438", "439", "440"], ""
    ),
    "source": dict.fromkeys("1234", ""),
    "period": {"1": "Updated", "3": "Reporting period", "4": "Other"},
    "directive": {"1": "Delta refresh", "2": "Full refresh", "3": "Other"},
    "hash": dict.fromkeys("1234", ""),
}

EVENT = """
EventID                    id                     required
EnrollmentID               id                     required
PersonalID                 id                     required
EventDate                  date                   required
Event                      code:event             required
ProbSolDivRRResult         code:no_yes            may be empty
ReferralCaseManageAfter    code:no_yes            may be empty
LocationCrisisOrPHHousing  text:50                may be empty
ReferralResult             code:result            may be empty
ResultDate                 date                   may be empty
DateCreated                moment                 required
DateUpdated                moment                 required
UserID                     id                     required
DateDeleted                moment                 may be empty
ExportID                   id                     required
"""
SITUATION = """
CurrentLivingSitID         id                     required
EnrollmentID               id                     required
PersonalID                 id                     required
InformationDate            date                   required
CurrentLivingSituation     code:situation         required
CLSSubsidyType             code:subsidy           may be empty
VerifiedBy                 text:100               may be empty
LeaveSituation14Days       code:answer            may be empty
SubsequentResidence        code:answer            may be empty
ResourcesToObtain          code:answer            may be empty
LeaseOwn60Day              code:answer            may be empty
MovedTwoOrMore             code:answer            may be empty
LocationDetails            text:250               may be empty
DateCreated                moment                 required
DateUpdated                moment                 required
UserID                     id                     required
DateDeleted                moment                 may be empty
ExportID                   id                     required
"""
ASSESSMENT = """
AssessmentID               id                     required
EnrollmentID               id                     required
PersonalID                 id                     required
AssessmentDate             date                   required
AssessmentLocation         text:250               may be empty
AssessmentType             code:assessment_type   may be empty
AssessmentLevel            code:assessment_level  may be empty
PrioritizationStatus       code:prioritization    may be empty
DateCreated                moment                 required
DateUpdated                moment                 required
UserID                     id                     required
DateDeleted                moment                 may be empty
ExportID                   id                     required
"""
EXPORT = """
ExportID                   id                     required
SourceType                 code:source            required
SourceID                   text:32                may be empty
SourceName                 text:50                may be empty
SourceContactFirst         text:50                may be empty
SourceContactLast          text:50                may be empty
SourceContactPhone         text:10                may be empty
SourceContactExtension     text:5                 may be empty
SourceContactEmail         text:320               may be empty
ExportDate                 moment                 required
ExportStartDate            date                   required
ExportEndDate              date                   required
SoftwareName               text:50                may be empty
SoftwareVersion            text:50                may be empty
CSVVersion                 text:50                required
ExportPeriodType           code:period            required
ExportDirective            code:directive         required
HashStatus                 code:hash              required
ImplementationID           text:200               required
"""
CLIENT = """
PersonalID FirstName MiddleName LastName NameSuffix NameDataQuality SSN SSNDataQuality DOB
DOBDataQuality Sex AmIndAKNative Asian BlackAfAmerican HispanicLatinao MidEastNAfrican
NativeHIPacific White RaceNone AdditionalRaceEthnicity VeteranStatus YearEnteredService
YearSeparated WorldWarII KoreanWar VietnamWar DesertStorm AfghanistanOEF IraqOIF IraqOND
OtherTheater MilitaryBranch DischargeStatus DateCreated DateUpdated UserID DateDeleted ExportID
"""
ENROLLMENT = """
EnrollmentID PersonalID ProjectID EntryDate HouseholdID RelationshipToHoH EnrollmentCoC
LivingSituation RentalSubsidyType LengthOfStay LOSUnderThreshold PreviousStreetESSH
DateToStreetESSH TimesHomelessPastThreeYears MonthsHomelessPastThreeYears DisablingCondition
DateOfEngagement MoveInDate DateOfPATHStatus ClientEnrolledInPATH ReasonNotEnrolled PercentAMI
ReferralSource CountOutreachReferralApproaches DateOfBCPStatus EligibleForRHY ReasonNoServices
RunawayYouth MentalHealthConsultation FormerWardChildWelfare ChildWelfareYears ChildWelfareMonths
FormerWardJuvenileJustice JuvenileJusticeYears JuvenileJusticeMonths UnemploymentFam
MentalHealthDisorderFam PhysicalDisabilityFam AlcoholDrugUseDisorderFam InsufficientIncome
IncarceratedParent VAMCStation TargetScreenReqd TimeToHousingLoss AnnualPercentAMI
LiteralHomelessHistory ClientLeaseholder HOHLeaseholder SubsidyAtRisk EvictionHistory
CriminalRecord IncarceratedAdult PrisonDischarge SexOffender DisabledHoH CurrentPregnant
SingleParent DependentUnder6 HH5Plus CoCPrioritized HPScreeningScore ThresholdScore DateCreated
DateUpdated UserID DateDeleted ExportID
"""
EXIT = """
ExitID EnrollmentID PersonalID ExitDate Destination DestinationSubsidyType OtherDestination
HousingAssessment SubsidyInformation ProjectCompletionStatus EarlyExitReason ExchangeForSex
ExchangeForSexPastThreeMonths CountOfExchangeForSex AskedOrForcedToExchangeForSex
AskedOrForcedToExchangeForSexPastThreeMonths WorkplaceViolenceThreats WorkplacePromiseDifference
CoercedToContinueWork LaborExploitPastThreeMonths CounselingReceived IndividualCounseling
FamilyCounseling GroupCounseling SessionCountAtExit PostExitCounselingPlan SessionsInPlan
DestinationSafeClient DestinationSafeWorker PosAdultConnections PosPeerConnections
PosCommunityConnections AftercareDate AftercareProvided EmailSocialMedia Telephone
InPersonIndividual InPersonGroup CMExitReason DateCreated DateUpdated UserID DateDeleted ExportID
"""
PROJECT = """
ProjectID OrganizationID ProjectName ProjectCommonName OperatingStartDate OperatingEndDate
ContinuumProject ProjectType HousingType RRHSubType ResidentialAffiliation TargetPopulation
HOPWAMedAssistedLivingFac PITCount DateCreated DateUpdated UserID DateDeleted ExportID
"""


@dataclass(frozen=True)
class Column:
    """One column of a file: what it takes, and whether it may be empty.

    `kind`: id, date, moment, code or text; `more`: the list of codes, or the greatest length.
    """

    name: str
    kind: str
    more: str
    is_required: bool


def columns_of(text: str) -> tuple[Column, ...]:
    found = []
    for line in text.split("\n"):
        if line:
            name, kind, rule = line.split(maxsplit=2)
            kind, _colon, more = kind.partition(":")
            found.append(Column(name, kind, more, rule == "required"))
    return tuple(found)


# The files that hold rows, by the name of each.
FILES = {
    "Event": columns_of(EVENT),
    "CurrentLivingSituation": columns_of(SITUATION),
    "Assessment": columns_of(ASSESSMENT),
    "Export": columns_of(EXPORT),
}
# What an importer wants to find, and what the by-name list must not fill: what is left out of a
# row there is written over in HMIS.
HEADINGS = {
    "Client": tuple(CLIENT.split()),
    "Enrollment": tuple(ENROLLMENT.split()),
    "Exit": tuple(EXIT.split()),
    "Project": tuple(PROJECT.split()),
}


def names_of(file: str) -> tuple[str, ...]:
    """The columns of a file, in HUD's order."""
    return HEADINGS.get(file) or tuple(each.name for each in FILES[file])
