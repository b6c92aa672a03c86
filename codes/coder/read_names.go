package coder

import "strings"

// sectionNames maps the headers that American charts use to their kind.
var sectionNames = namesOfSections(map[sectionKind]string{
	sectionDiagnoses: `discharge diagnosis, discharge diagnoses, final diagnosis, final diagnoses, principal diagnosis, primary diagnosis,
		secondary diagnosis, secondary diagnoses, admitting diagnosis, admission diagnosis, admission diagnoses, diagnosis, diagnoses, problem list,
		active problems, active problem list, hospital problems, hospital problem list, principal problem, other diagnoses, additional diagnoses,
		ed diagnosis, clinical impression, final impression, discharge diagnosis list, active diagnoses, visit diagnosis, visit diagnoses, encounter diagnosis,
		encounter diagnoses, principal discharge diagnosis, secondary discharge diagnoses, current diagnoses, problems, admission dx, discharge dx, dx, ed diagnoses,
		primary discharge diagnosis, comorbidities, comorbid conditions, active issues, chronic issues, chronic conditions, medical diagnoses`,
	sectionHPI: `history of present illness, hpi, present illness, history, interval history, chief complaint, cc, reason for admission, reason for visit,
		reason for consultation, presenting complaint, subjective, interval events, clinical history, brief history, presentation, presenting history,
		history of the present illness, reason for consult, hpi interval history, s`,
	sectionCourse: `hospital course, brief hospital course, course, ed course, emergency department course, hospital course by problem, hospital course and treatment,
		code status, clinical course, summary of hospital course, medical decision making, mdm, summary, discharge summary, course in hospital, narrative summary, ed course and mdm,
		emergency department course and medical decision making, course and treatment, icu course, hospital summary, progress, narrative, evaluation`,
	sectionAssessment: `assessment, assessment and plan, a p, impression and plan, assessment plan, ap, assessment and recommendations, a, medical decision making and plan,
		assessment impression, diagnostic impression, impression plan, assessment diagnosis, clinical assessment, assessment by problem`,
	sectionPlan: `plan, recommendations, recommendation, plan of care, treatment plan, disposition and plan, p, follow up plan, discharge plan, orders`,
	sectionPastHistory: `past medical history, pmh, pmhx, medical history, past history, past medical hx, pertinent past history, other past medical history,
		past medical and surgical history, past medical surgical history, significant past medical history, prior medical history, oncologic history, oncology history, cardiac history,
		obstetric history, gynecologic history, ob history, psychiatric history, past psychiatric history, ob gyn history, personal history, background, pmh psh`,
	sectionSurgicalHistory: `past surgical history, psh, pshx, surgical history, prior surgeries, past procedures, previous surgeries, past operations`,
	sectionFamily:          `family history, fh, fhx, family medical history, family hx`,
	sectionSocial:          `social history, sh, shx, social, habits, social hx, psychosocial, psychosocial history, social determinants, social determinants of health, tobacco, tobacco use, alcohol, substance use`,
	sectionReview:          `review of systems, ros, systems review, review of symptoms`,
	sectionExam: `physical examination, physical exam, exam, pe, vital signs, vitals, objective, general, heent, neck, lungs, heart, cardiovascular, abdomen, extremities,
		neurologic, neurological, neuro, skin, musculoskeletal, psychiatric, discharge exam, physical examination on discharge, physical exam on admission, o, examination,
		constitutional, eyes, respiratory, gastrointestinal, genitourinary, ext, abd, cv, resp, chest, pulmonary, back, general appearance, cardiac, mental status examination, mental status exam, mse, vs, physical findings, discharge physical exam, pulm, msk, gu, gi, ears, nose, mouth, throat, breast, breasts, rectal, pelvic, integumentary, lymphatic, psych`,
	sectionMedications: `medications, current medications, home medications, discharge medications, medications on admission, medications on discharge, meds,
		admission medications, outpatient medications, medication list, current outpatient medications, prior to admission medications, medications at discharge, home meds, discharge meds, medication reconciliation, current meds, active medications, scheduled medications, prescriptions, new medications, continued medications, medication`,
	sectionAllergies:  `allergies, allergy, drug allergies, medication allergies, allergies and intolerances, adverse reactions`,
	sectionLabs:       `laboratory data, labs, laboratory, lab results, laboratory results, laboratory studies, data, pertinent results, results, laboratory findings, pertinent labs, diagnostic data, microbiology, micro, lab data, diagnostics, pertinent laboratory data, discharge labs, admission labs, labs on admission, labs and studies, laboratory values`,
	sectionImaging:    `imaging, radiology, studies, ecg, ekg, chest x ray, cxr, echocardiogram, echo, ct, mri, ultrasound, diagnostic studies, imaging studies, radiographic studies, imaging results, radiology results, radiographs, x ray, x rays, electrocardiogram, diagnostic imaging, pertinent imaging, pertinent studies, tte, cardiac studies`,
	sectionFindings:   `findings, operative findings, intraoperative findings, comparison, technique, procedure findings, endoscopic findings, gross findings, angiographic findings`,
	sectionImpression: `impression, impressions, conclusion, conclusions, radiologist impression, interpretation, opinion`,
	sectionPreop:      `preoperative diagnosis, pre operative diagnosis, preoperative diagnoses, preop diagnosis, pre op diagnosis, pre operative diagnoses, preprocedure diagnosis, pre procedure diagnosis`,
	sectionPostop:     `postoperative diagnosis, post operative diagnosis, postoperative diagnoses, postop diagnosis, post op diagnosis, post operative diagnoses, postprocedure diagnosis, post procedure diagnosis`,
	sectionProcedure: `procedure, procedures, procedure performed, procedures performed, operation, operations, operation performed, operations performed, name of procedure,
		operative procedure, title of operation, operations and procedures, principal procedure, name of operation, surgery, surgical procedure, procedures during admission, procedures this admission, procedures and operations, major procedures, surgical procedures, procedure done, surgery performed, major surgical or invasive procedure, procedures performed during hospitalization, hospital procedures`,
	sectionOperation:     `description of procedure, procedure in detail, details of procedure, operative technique, description of operation, procedure details, procedure description, operative description, details of operation, operative course, operative details, description, procedure note, narrative of procedure, technique in detail, operative report, details`,
	sectionIndication:    `indication, indications, indication for procedure, indications for procedure, indications for surgery, indication for surgery, clinical indication, reason for exam, reason for study, clinical information, indications for operation, indication for operation, exam indication, reason for procedure, clinical history and indication`,
	sectionSpecimen:      `specimen, specimens, specimen submitted, specimens submitted, specimen removed, specimens removed, gross description, source, anesthesia, surgeon, assistant, estimated blood loss, ebl, drains, implants, implant, fluids, tourniquet time, anesthesiologist, counts, urine output, iv fluids, tourniquet, wound class, asa class, staff, assistants`,
	sectionPathology:     `pathologic diagnosis, pathology, final pathologic diagnosis, microscopic description, pathology results, surgical pathology, pathological diagnosis, cytology, synoptic report, microscopic, comment, microscopic diagnosis, diagnosis comment, pathology report, final pathology`,
	sectionInstructions:  `discharge instructions, instructions, patient instructions, patient education, return precautions, follow up instructions, activity, diet, education, followup, follow up, follow up appointments, discharge follow up, patient education and counseling, precautions, special instructions, discharge diet, discharge activity, home care instructions, when to call, return to ed if, health maintenance, goals, patient agreements, goals of care`,
	sectionComplications: `complications, complication, intraoperative complications, postoperative complications`,
	sectionNeutral: `disposition, condition, condition at discharge, discharge condition, signature, signed, dictated by, electronically signed by, attending,
		attending physician, pcp, primary care physician, date, date of admission, date of discharge, admission date, discharge date, consultants, consults, consultations, service, dob, mrn, name, patient, patient name, age, sex, gender, discharge disposition, condition on discharge, facility, provider, author, referring physician, date of service, date of procedure, date of surgery, cc list, room, unit, primary care provider, ordering provider, exam type, date of exam, admitting physician, prognosis, functional status, immunizations, immunization, vaccines, vaccinations, insurance, advance directives, date of operation`,
})

func namesOfSections(lists map[sectionKind]string) map[string]sectionKind {
	names := make(map[string]sectionKind, 512)
	for kind, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			names[strings.Join(strings.Fields(name), " ")] = kind
		}
	}
	return names
}
