// What each field of a review is called, where a text speaks of it.

export const LABELS = {
  location: "Current location",
  location_words: "Location details",
  location_changed: "Current location",
  preferences: "Preferences",
  preferences_changed: "Preferences",
  barriers: "Critical barriers",
  barriers_changed: "Critical barriers",
  systemic: "Systemic barriers",
  safety: "Current safety",
  safety_changed: "Current safety",
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
