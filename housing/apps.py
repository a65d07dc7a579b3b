from django.apps import AppConfig


class HousingConfig(AppConfig):
    name = "housing"

    def ready(self) -> None:
        from accounts import undo
        from outbox import kinds, ticks
        from participants import page_names, retention
        from participants.merges import relations

        from . import answers, openings
        from .models import AssessmentScore, HousingAnswers, Referral, ReferralNote
        from .referrals import mail

        relations.register(
            HousingAnswers,
            "answers for housing programs",
            once_per=["continuum"],  # of a household one row
            fold=answers.fold,
        )
        retention.register(
            HousingAnswers,
            "participant",
            changed=["changed_at"],
            label="answers for housing programs",
            into={"given": answers.none_given},
        )
        kinds.register(mail.KIND, prepare=mail.prepare_late)
        ticks.register("ask-for-late-referrals", mail.ask_for_late)
        relations.register(Referral, "referrals")
        relations.register(AssessmentScore, "assessment scores")
        retention.register(
            AssessmentScore, "participant", changed=["recorded_at"], label="assessment scores"
        )
        retention.register(
            Referral, "participant", changed=["proposed_at", "since"], label="referrals"
        )
        retention.register(
            ReferralNote, "referral__participant", changed=["at"], label="words about referrals"
        )
        undo.register(openings.UNDO, openings.undo_settled)
        page_names.PAGES.update(answers.PAGES)
