package rules

// Whoever settles.
const (
	author    = "the author"
	clinician = "the responsible clinician"
	attending = "the attending"
	records   = "health information"
	registrar = "registration"
	access    = "patient access and billing"
)

// firstWords is what most findings about a document show.
const firstWords = "the first words of it"

const (
	cop = "42 CFR 482.24"
	hp  = "42 CFR 482.24(c)(4)(i)(A)"
)

// All lists every rule, in the order of their ids.
func All() []Rule { return append(completeness(), accuracy()...) }

func completeness() []Rule {
	return []Rule{
		{"C01", "hp-missing", "Inpatient in house for more than 24 hours without a history and physical; one more than 30 days old counts as none.", Error, hp,
			"the admission; an old history and physical", Settles{Dictate, clinician, "Ask for the history and physical"}, (*Case).hpMissing},
		{"C02", "hp-late", "History and physical written more than 24 hours after admission.", Warning, hp,
			firstWords, Settles{Review, records, "Note the late history and physical"}, (*Case).hpLate},
		{"C03", "hp-after-surgery", "An operation began before a history and physical was there, and no emergency is documented.", Error, hp + ", 482.51(b)(1)",
			"the report of the operation and the later history", Settles{Amend, clinician, "Ask the surgeon to document why"}, (*Case).hpAfterSurgery},
		{"C04", "hp-no-update", "History and physical 1 to 30 days older than the admission, and no update within 24 hours of it.", Error, "42 CFR 482.24(c)(4)(i)(B)",
			firstWords, Settles{Dictate, clinician, "Ask for the update note"}, (*Case).hpNoUpdate},
		{"C05", "discharge-summary-missing", "Inpatient or nursing-facility stay ended more than 7 days ago (by-laws; law: 30) without a discharge summary.", Error, "42 CFR 482.24(c)(4)(vii), 483.21(c)(2)",
			"the discharge", Settles{Dictate, clinician, "Ask for the discharge summary"}, (*Case).summaryMissing},
		{"C06", "unsigned", "A document that must be authenticated is not, 48 hours after it was written; 30 days after discharge it is an error.", Warning, "42 CFR 482.24(c)(1)",
			firstWords, Settles{Sign, author, "Ask for the signature"}, (*Case).unsigned},
		{"C07", "operative-report-missing", "An operation without an operative report.", Error, "42 CFR 482.51(b)(6)",
			"the procedure or the brief note", Settles{Dictate, clinician, "Ask for the operative report"}, (*Case).operativeMissing},
		{"C08", "operative-report-late", "Operative report written more than 24 hours after the operation.", Warning, "42 CFR 482.51(b)(6)",
			firstWords, Settles{Review, records, "Note the late report"}, (*Case).operativeLate},
		{"C09", "consent-missing", "An operation without an informed consent, and no emergency that allowed none is documented.", Error, "42 CFR 482.24(c)(4)(v), 482.51(b)(2)",
			"the operation", Settles{Obtain, records, "Find and index the consent"}, (*Case).consentMissing},
		{"C10", "anesthesia-record-missing", "An operation under general, regional or monitored anesthesia without an anesthesia record.", Error, "42 CFR 482.52(b)",
			"the words that name the anesthesia", Settles{Obtain, records, "Find and index the anesthesia record"}, (*Case).anesthesiaMissing},
		{"C11", "pathology-missing", "The operative report says that a specimen was sent; no pathology report within 14 days.", Error, "42 CFR 482.24(c)(4)(vi)",
			"the words that name the specimen", Settles{Obtain, records, "Ask the laboratory for the report"}, (*Case).pathologyMissing},
		{"C12", "emergency-note-missing", "An emergency visit that ended without a note of a provider.", Error, "42 CFR 482.24(c), 482.55",
			"the visit; the nurse's note", Settles{Dictate, clinician, "Ask for the emergency note"}, (*Case).emergencyNoteMissing},
		{"C13", "progress-gap", "An inpatient stay with more than one whole calendar day in a row without a note of a provider.", Warning, "42 CFR 482.24(c)(4)(vi); by-laws",
			"the notes before and after the gap", Settles{Review, records, "Report the gap"}, (*Case).progressGap},
		{"C14", "final-diagnosis-missing", "A discharge summary that states no diagnosis.", Error, "42 CFR 482.24(c)(4)(viii)",
			firstWords, Settles{Amend, author, "Ask for the final diagnosis"}, (*Case).diagnosisMissing},
		{"C15", "disposition-missing", "A finished inpatient stay without a discharge status.", Error, "UB-04 form locator 17; 42 CFR 482.24(c)(4)(vii)",
			"the stay", Settles{Encounter, registrar, "Correct the encounter"}, (*Case).dispositionMissing},
		{"C16", "document-undated", "A document without a date and time.", Error, "42 CFR 482.24(c)(1)",
			firstWords, Settles{Amend, author, "Ask the author to date it"}, (*Case).undated},
		{"C17", "record-delinquent", "An inpatient stay ended more than 30 days ago, and its record is still not complete.", Error, "42 CFR 482.24(c)(4)(vii)",
			"the open findings of the stay", Settles{Review, records, "Settle the findings beside it"}, (*Case).delinquent},
		{"C18", "cosignature-missing", "History and physical, operative report or discharge summary by a resident or student without an attending's attestation or co-signature.", Error, "42 CFR 482.24(c)(1), 415.172",
			firstWords, Settles{Attest, attending, "Ask the attending to attest"}, (*Case).cosignatureMissing},
		{"C19", "death-note-missing", "The patient died, and no document pronounces or describes the death.", Error, "42 CFR 482.24(c)(4)(vii)",
			"the discharge status", Settles{Dictate, clinician, "Ask for the death note"}, (*Case).deathNoteMissing},
		{"C20", "visit-note-missing", "An outpatient visit ended more than 3 days ago, and nothing was written.", Error, "42 CFR 482.24(c); payers",
			"the visit", Settles{Dictate, clinician, "Ask for the visit note"}, (*Case).visitNoteMissing},
		{"C21", "nursing-assessment-missing", "A nursing-facility stay without a comprehensive assessment by day 14.", Error, "42 CFR 483.20(b)(2)(i)",
			"the admission", Settles{Obtain, records, "Ask nursing for the assessment"}, (*Case).assessmentMissing},
		{"C22", "nursing-physician-visit-missing", "A nursing-facility stay of more than 30 days, and 10 of grace, without a physician's visit (60 after the first 90 days).", Error, "42 CFR 483.30(c)(1)-(2)",
			"the visit before the gap", Settles{Dictate, clinician, "Ask for the visit note"}, (*Case).facilityVisitMissing},
		{"C23", "order-unsigned", "A verbal or telephone order not authenticated within 48 hours.", Error, "42 CFR 482.24(c)(2)-(3)",
			"the order", Settles{Sign, clinician, "Ask for the signature"}, (*Case).orderUnsigned},
		{"C24", "birth-record-incomplete", "A newborn's stay without an examination of the newborn or without Apgar scores.", Error, "AAP/ACOG Guidelines for Perinatal Care; " + cop + "(c)",
			"the first document of the stay", Settles{Dictate, clinician, "Ask for what is missing"}, (*Case).birthIncomplete},
	}
}

func accuracy() []Rule {
	return []Rule{
		{"A01", "author-not-entitled", "A document whose author may not write one of its type.", Error, hp + ", 482.22(c)(5), 482.51(b)(6)",
			firstWords, Settles{Query, attending, "Ask who is to answer for it"}, (*Case).authorNotEntitled},
		{"A02", "discharge-before-admission", "An encounter that ended before it began.", Error, "UB-04 form locators 6, 12",
			"the encounter", Settles{Encounter, registrar, "Correct the encounter"}, (*Case).endBeforeStart},
		{"A03", "birth-date-conflict", "A document states an age more than a year off the birth date, or another date of birth.", Warning, "45 CFR 164.526; " + cop + "(b)",
			"the age or date as written", Settles{Registration, registrar, "Correct the registration, or move the document"}, (*Case).birthConflict},
		{"A04", "sex-conflict", "A document's words, or a diagnosis or procedure of one sex, contradict the registration.", Warning, "Medicare Code Editor, sex conflict; " + cop + "(b)",
			"the words, or the diagnosis", Settles{Registration, registrar, "Correct the registration, or move the document"}, (*Case).sexConflict},
		{"A05", "document-outside-encounter", "A document written before its encounter began, or more than 30 days after it ended (histories, late reports and summaries aside).", Warning, cop + "(b)",
			firstWords, Settles{Move, records, "Move it to its encounter"}, (*Case).outsideEncounter},
		{"A06", "procedure-outside-encounter", "A procedure or operation outside the days of its encounter.", Error, "UB-04 form locator 74; " + cop + "(b)",
			"the procedure, or the date as written", Settles{Encounter, records, "Correct the date or the encounter"}, (*Case).procedureOutside},
		{"A07", "diagnosis-contradicted", "A chronic diagnosis that the record states is denied in another place.", Warning, "ICD-10-CM Guidelines I.B.14; AHIMA/ACDIS query practice",
			"the denial and the statement", Settles{Query, clinician, "Ask which is right"}, (*Case).diagnosisContradicted},
		{"A08", "laterality-conflict", "The same thing at the same site: left in one place, right in another.", Error, "42 CFR 482.51(b); ICD-10-CM Guidelines I.B.13",
			"both statements", Settles{Query, clinician, "Ask which side it is"}, (*Case).lateralityConflict},
		{"A09", "coverage-expired", "The encounter's day lies outside every coverage.", Warning, "45 CFR 162.1202; payers",
			"the coverage", Settles{Coverage, access, "Correct the coverage"}, (*Case).coverageExpired},
		{"A10", "coverage-priority-conflict", "Two coverages of the same priority on the encounter's day.", Warning, "42 CFR 411.20; coordination of benefits",
			"both coverages", Settles{Coverage, access, "Correct the order of the coverages"}, (*Case).priorityConflict},
		{"A11", "duplicate-document", "The same text twice under one encounter, or two of one type and author in one minute.", Warning, cop + "(b)",
			"both beginnings", Settles{Withdraw, records, "Withdraw one of them"}, (*Case).duplicateDocument},
		{"A12", "copied-forward", "A progress note that is nine tenths that of another day.", Warning, cop + "(c)(1); AHIMA copy functionality toolkit",
			"both beginnings", Settles{Query, author, "Ask the author to check it"}, (*Case).copiedForward},
		{"A13", "result-without-order", "A result of an encounter with orders that none of them explains, by name or panel, within 7 days before.", Warning, cop + "(c)(4)(vi), 42 CFR 410.32(a)",
			"the result", Settles{Obtain, records, "Find the order"}, (*Case).withoutOrder},
		{"A14", "activity-after-death", "A stay, note, order, result, medication or procedure after the day of death.", Error, cop + "(b); Medicare claims after date of death",
			"the note or item", Settles{Move, records, "Move it, or correct the date of death"}, (*Case).afterDeath},
		{"A15", "allergy-conflict", "A medication of the same substance or class as a listed allergy.", Error, "42 CFR 482.24(c)(4)(vi), 482.25(b)",
			"the medication and the allergy", Settles{Query, clinician, "Ask the prescriber"}, (*Case).allergyConflict},
		{"A16", "allergy-contradiction", "A document says that no allergy is known while one is listed, or names one while the list says none.", Warning, "42 CFR 482.24(c)(4)(vi)",
			"the words, and the list", Settles{Query, clinician, "Ask which is right"}, (*Case).allergyContradiction},
		{"A17", "medication-without-indication", "A home or discharge medication that no diagnosis in the record explains.", Info, "ICD-10-CM Guidelines III; Joint Commission MM.04.01.01",
			"the medication", Settles{Query, clinician, "Ask what it is for"}, (*Case).withoutIndication},
		{"A18", "wrong-patient", "The heading of a document names another record number or patient.", Error, cop + "(b); 45 CFR 164.526",
			"the heading", Settles{Move, records, "Move it to the right record"}, (*Case).wrongPatient},
		{"A19", "two-patients", "A document with the headings of two patients.", Error, cop + "(b); 45 CFR 164.502",
			"both headings", Settles{Move, records, "Split it"}, (*Case).twoPatients},
		{"A20", "implausible-result", "A value that no living person has, or that does not go with its unit.", Warning, "42 CFR 493.1291",
			"the result", Settles{Query, clinician, "Ask the laboratory or the nurse"}, (*Case).implausible},
		{"A21", "overlapping-stays", "Two inpatient stays of one person that overlap.", Error, "UB-04 form locator 6; 42 CFR 412.4",
			"both stays", Settles{Encounter, registrar, "Correct the encounters"}, (*Case).overlapping},
		{"A22", "attending-missing", "A finished encounter without an attending, or whose attending's identifier has a wrong check digit.", Error, "45 CFR 162.406; UB-04 form locator 76",
			"the encounter", Settles{Encounter, registrar, "Correct the attending"}, (*Case).attendingMissing},
		{"A23", "age-diagnosis-conflict", "A newborn's, child's, maternity or adult diagnosis at an age that cannot have it.", Warning, "Medicare Code Editor, age conflict",
			"the diagnosis", Settles{Query, clinician, "Ask whether it is this patient's"}, (*Case).ageConflict},
		{"A24", "disposition-contradicted", "The discharge status contradicts the words of the discharge summary.", Error, "UB-04 form locator 17; 42 CFR 412.4(c)",
			"the words of the summary", Settles{Encounter, registrar, "Correct the discharge status"}, (*Case).dispositionContradicted},
		{"A25", "signed-before-written", "A document signed before it was written.", Error, cop + "(c)(1)",
			firstWords, Settles{Amend, author, "Ask the author"}, (*Case).signedBeforeWritten},
		{"A26", "document-in-future", "A document whose date lies in the future.", Error, cop + "(c)(1)",
			firstWords, Settles{Amend, author, "Correct the date"}, (*Case).inFuture},
		{"A27", "placeholder-name", "A placeholder's name 30 days on (newborns aside), or a birth date that cannot be.", Warning, "45 CFR 164.526; AHIMA patient identity practice",
			"the registration", Settles{Registration, registrar, "Correct the registration"}, (*Case).placeholderName},
		{"A28", "medication-duplicate", "The same drug twice in one list in different doses.", Warning, "42 CFR 482.24(c)(4)(vi); Joint Commission NPSG.03.06.01",
			"both entries", Settles{Query, clinician, "Ask which dose it is"}, (*Case).medicationDuplicate},
		{"A29", "stay-never-closed", "An inpatient stay open for more than 60 days with nothing written for 14.", Warning, cop + "(b); discharge reconciliation",
			"the last document", Settles{Encounter, registrar, "Close the stay"}, (*Case).neverClosed},
		{"A30", "cancelled-with-documents", "A cancelled encounter that has documents.", Warning, cop + "(b)",
			"the documents", Settles{Move, records, "Move them, or restore the encounter"}, (*Case).cancelledWithDocuments},
		{"A31", "height-weight-change", "The weight within a stay differs by more than 30 % within 7 days (an adult's height by 8 %).", Warning, "Joint Commission MM.01.01.01",
			"both values", Settles{Query, clinician, "Ask which is right"}, (*Case).weightChange},
		{"A32", "payer-age-conflict", "Medicare before 65, and no other entitlement is stated.", Info, "42 CFR 406.5, 406.12-406.13",
			"the coverage", Settles{Coverage, access, "Check the entitlement"}, (*Case).payerAge},
	}
}
