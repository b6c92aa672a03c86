package crowd

import "chartroom/internal/demo/charts"

var (
	castell   = clinician{"Imogen Castell, MD", "2555042888", physician}
	pathology = clinician{"Delphine Marchetti, MD", "2555040148", "pathologist"}
	pemberthy = clinician{"Walter Pemberthy, MD", "2555036039", physician}
	stanton   = clinician{"Mirela Stanton, RN", "", "nurse"}
	oncology  = clinician{"Ingrid Okonkwo-Hale, MD", "2555034661", physician}
	heart     = clinician{"Priya Castellane, MD", "2555012741", physician}
)

const (
	physical   = "history and physical"
	progress   = "progress note"
	summary    = "discharge summary"
	report     = "operative report"
	anesthetic = "anesthesia record"
	consent    = "informed consent"
)

// doses are how the drugs of the crowd are taken.
var doses = map[string]string{
	"lisinopril": "10 mg daily", "amlodipine": "5 mg daily", "losartan": "50 mg daily", "hydrochlorothiazide": "25 mg daily",
	"metformin": "500 mg twice daily", "levothyroxine": "88 mcg daily", "furosemide": "40 mg daily", "metoprolol succinate": "50 mg daily",
}

var bloods = []lab{
	{"complete blood count", "Leukocytes", 112, 168, "10*3/uL", "4.0-10.5", "H"},
	{"complete blood count", "Hemoglobin", 124, 148, "g/dL", "12.0-17.5", ""},
	{"basic metabolic panel", "Creatinine", 7, 11, "mg/dL", "0.5-1.3", ""},
	{"basic metabolic panel", "Potassium", 37, 46, "mmol/L", "3.5-5.1", ""},
}

var quietBloods = []lab{
	{"complete blood count", "Hemoglobin", 124, 148, "g/dL", "12.0-17.5", ""},
	{"basic metabolic panel", "Creatinine", 7, 11, "mg/dL", "0.5-1.3", ""},
}

// stays are the scenarios of surgery, ward, infusion center and nursing facility.
var stays = []scenario{
	{
		name: "screening colonoscopy", category: charts.Surgery, unit: "Endoscopy", kind: "endoscopy report",
		by: []clinician{mbeki}, from: 45, to: 75, rare: 40, hours: [2]int{2, 4},
		more: []sheet{
			{kind: physical, at: 12, text: `Before the procedure. {age}-year-old {who} for a [first/second] screening colonoscopy. No bleeding, no change of bowel habit. No bleeding tendency.

EXAM: BP {bp}. Heart regular, lungs clear, belly soft.

Fit for colonoscopy with propofol.`},
			{kind: consent, at: 18, text: `Colonoscopy with removal of polyps if there are any. Purpose, the test of stool as the alternative, bleeding, perforation, a missed lesion and the risks of sedation were explained; [no questions left/questions answered]. Signed by the patient before a witness.`},
			{kind: anesthetic, by: []clinician{castell}, at: 105, text: `Monitored anesthesia care. Evaluation before: ASA [1/2], fasting, airway easy. Propofol {70-110} mg, then {90-120} mcg/kg/min. Systolic {98-112} to {118-132}, saturation {96-98} to 100. Evaluation after: awake, no complaint.`},
		},
		note: `PROCEDURE: Colonoscopy. INDICATION: Screening for colorectal cancer, average risk. SEDATION: Propofol, monitored anesthesia care, Dr. Castell.

FINDINGS: Cecum reached in {4-11} minutes. Preparation [good/excellent]. No polyp, no mass. [Normal throughout/Normal mucosa to the cecum].

COMPLICATIONS: None.

IMPRESSION: Normal screening colonoscopy. Again in ten years.`,
	},
	{
		name: "cataract", category: charts.Surgery, unit: "Day Surgery", kind: report,
		by: []clinician{denholm}, from: 62, to: 90, rare: 50, hours: [2]int{2, 4},
		more: []sheet{
			{kind: physical, at: 10, text: `{age}-year-old {who} with failing sight of the {side} eye for {1-3} years. Best vision {side} eye 20/{50-90}. Dense nuclear cataract, {side} eye; retina sound. BP {bp}. Fit for topical anesthesia.`},
			{kind: consent, at: 16, text: `Removal of the cataract of the {side} eye with implant of a lens. Explained: glasses as the alternative, infection, bleeding, tear of the capsule, detachment, loss of the eye. Signed by the patient before a witness.`},
		},
		note: `DIAGNOSIS: Age-related nuclear cataract, {side} eye.
OPERATION: Phacoemulsification with lens implant, {side} eye. ANESTHESIA: Topical. COMPLICATIONS: None.

TECHNIQUE: Side confirmed. Clear corneal entry, round capsulorhexis, nucleus [chopped/divided] and removed, capsule whole. Acrylic lens {18-24} diopters in the bag. Wound tight.

PLAN: Drops four times daily. Visit tomorrow.`,
	},
	{
		name: "inguinal hernia", category: charts.Surgery, unit: "Day Surgery", kind: report,
		by: []clinician{achter}, from: 30, to: 82, sex: "male", rare: 60, hours: [2]int{3, 5},
		more: []sheet{
			{kind: physical, at: 10, text: `{age}-year-old [{job}/retired {job}] with a lump of the {side} groin for {3-18} months, sore after lifting, always going back by itself. EXAM: BP {bp}, heart and lungs normal, {side} inguinal hernia, reducible. Open repair today.`},
			{kind: consent, at: 20, text: `Open repair of the {side} inguinal hernia with mesh. Explained: waiting as the alternative, bleeding, infection, return of the hernia, lasting pain, injury of the vessels of the testis. Signed by the patient before a witness.`},
			{kind: anesthetic, by: []clinician{castell}, at: 130, text: `Monitored anesthesia care with local by the surgeon. Evaluation before: ASA 2, fasting. Propofol {40-70} mcg/kg/min, fentanyl {50-75} mcg. Heart {56-64} to {72-84}. Evaluation after: awake, pain {1-3}.`},
		},
		note: `DIAGNOSIS: {Side} inguinal hernia, reducible, no obstruction, not recurrent.
OPERATION: Open repair of {side} inguinal hernia with mesh. ANESTHESIA: Local with monitored anesthesia care, Dr. Castell. BLOOD LOSS: {5-20} mL. SPECIMEN: none.

FINDINGS: [Indirect/Direct] hernia. Bowel not in the sac.

TECHNIQUE: Cord freed, sac [reduced/tied and divided], flat mesh laid and stitched, layers closed. Walked before discharge.`,
	},
	{
		name: "pneumonia", category: charts.Inpatient, unit: "4 West Medical", kind: summary,
		by: hospitalists, from: 35, to: 94, rare: 65, hours: [2]int{40, 130}, labs: bloods,
		more: []sheet{
			{kind: "nursing note", by: []clinician{rourke}, at: 25, text: `Admitted from ED. Cough, T 38.{2-9}, sat {86-91}% RA, 2 L NC. Skin intact. Fall risk moderate.`},
			{kind: physical, at: 75, text: `{age}-year-old {who} with {2-6} days of cough, fever and [chills/pain on breathing]. EXAM: T 38.{2-9}, BP {bp}, saturation {86-91} percent on room air. Crackles at one base. Film: infiltrate.

ASSESSMENT: Community-acquired pneumonia. Ceftriaxone and azithromycin, oxygen.`},
			{kind: progress, when: everyDay, at: 545, text: `{Mood}. T {36-37}.{2-9}, saturation {91-96} percent on [room air/one liter/two liters]. [Crackles fewer/Chest clearer/Sputum less]. [Cultures negative so far/White count falling/Eats half of each meal]. [Antibiotic as it is/Oxygen down/Walk with therapy].`},
		},
		note: `DIAGNOSIS: Community-acquired pneumonia, [right lower lobe/left lower lobe]. No sepsis.

HISTORY: {age}-year-old {who} with cough, fever and an infiltrate on the film. Saturation was low on room air at first.

COURSE: Ceftriaxone and azithromycin. Cultures negative. {He} needed oxygen for {1-3} days and was weaned to room air. Fever gone by day {2-3}. Walked the corridor at {92-97}%.

DISCHARGE: Home on [amoxicillin/cefpodoxime] for {3-5} days. Film in six weeks. Family doctor in one week.`,
	},
	{
		name: "leg cellulitis", category: charts.Inpatient, unit: "4 West Medical", kind: summary,
		by: hospitalists, from: 30, to: 90, rare: 70, hours: [2]int{40, 130}, labs: bloods,
		more: []sheet{
			{kind: physical, at: 90, text: `{age}-year-old {who} with redness and warmth of the {side} lower leg spreading over {2-4} days. EXAM: T 38.{0-6}, BP {bp}. {Side} lower leg red and warm to below the knee, inked. Pulses full.

ASSESSMENT: Cellulitis of the {side} lower leg. Cefazolin, leg up.`},
			{kind: progress, when: everyDay, at: 560, text: `{Mood}. T {36-37}.{2-9}. Redness of the {side} leg [inside the ink/half of what it was/paler]. [Less tender/Skin wrinkles/Swelling down]. [Cultures negative/White count falling/Walks to the bathroom]. [Cefazolin as it is/Leg up, therapy/By mouth soon].`},
		},
		note: `DIAGNOSIS: Cellulitis of the {side} lower leg.

HISTORY: {age}-year-old {who} with redness and warmth of the {side} lower leg, worse on [cephalexin/oral antibiotic]. No wound [seen/but dry skin between the toes].

COURSE: Cefazolin by vein. Ultrasound showed no clot. No abscess. Redness drew back from the ink line on day {2-3}. Blood cultures negative.

DISCHARGE: Home on cephalexin for {4-6} days, leg up. Return for fever or spreading.`,
	},
	{
		name: "gallbladder", category: charts.Inpatient, unit: "5 South Surgery", kind: summary,
		by: []clinician{achter}, from: 25, to: 82, rare: 70, hours: [2]int{42, 76}, labs: bloods,
		more: []sheet{
			{kind: physical, at: 60, text: `{age}-year-old {who} with {1-3} days of right upper abdominal pain and [nausea/vomiting]. EXAM: T 38.{0-5}, BP {bp}. Tender in the right upper quadrant with arrest of breath. Ultrasound: stones, thick wall.

ASSESSMENT: Acute calculous cholecystitis. Antibiotic, operation within the day.`},
			{kind: consent, at: 110, text: `Laparoscopic, possibly open, removal of the gallbladder. Explained: drainage and antibiotic as the alternative, bleeding, infection, leak of bile, injury of the duct, a larger cut. Signed by the patient before a witness.`},
			{kind: report, at: 60 * 8, text: `DIAGNOSIS: Acute calculous cholecystitis.
OPERATION: Laparoscopic cholecystectomy. ANESTHESIA: General. BLOOD LOSS: {10-60} mL. SPECIMEN: Gallbladder. COMPLICATIONS: None.

TECHNIQUE: Four ports. Critical view shown. Duct and artery clipped and divided. Gallbladder taken from its bed [with the hook/with some oozing that stopped] and removed in a bag.`},
			{kind: anesthetic, by: []clinician{castell}, at: 60*8 + 50, text: `General endotracheal anesthesia. Evaluation before: ASA [2/3], fasting. Propofol, rocuronium, sevoflurane. Heart {60-70} to {80-96}, systolic {100-110} to {126-140}. Extubated awake. Evaluation after: pain {2-5}, no nausea.`},
			{kind: progress, when: everyDay, at: 455, text: `{Mood}. T {36-37}.{1-8}. Ports dry, belly soft. [Eats toast/Drinks/Soft food kept]. [Walks/Up in the chair/To the bathroom alone]. [Acetaminophen is enough/One dose of oxycodone].`},
			{kind: "surgical pathology report", by: []clinician{pathology}, days: 2, at: 180, text: `SPECIMEN: Gallbladder.

DIAGNOSIS: Gallbladder: [acute/acute and chronic] cholecystitis with cholelithiasis. No dysplasia.`},
		},
		note: `DIAGNOSES: Acute calculous cholecystitis.
OPERATION: Laparoscopic cholecystectomy.

COURSE: {age}-year-old {who} operated on the day of admission without incident. Fever gone the next day. Eats, walks, pain held by acetaminophen. Home. Surgical clinic in two weeks.`,
	},
	{
		name: "heart failure", category: charts.Inpatient, unit: "3 East Telemetry", kind: summary,
		by: []clinician{heart}, from: 62, to: 94, rare: 70, hours: [2]int{64, 140}, labs: quietBloods, drugs: []string{"furosemide", "metoprolol succinate"},
		more: []sheet{
			{kind: physical, at: 100, text: `{age}-year-old {who} with a week of breathlessness and swelling of both legs, weight up {4-9} kg. EXAM: BP {bp}, saturation {88-92} percent. Crackles to the middle of the chest, edema to the knees. Film: congestion.

ASSESSMENT: Acute on chronic systolic heart failure. Furosemide by vein, weigh daily. Takes {drug} at home.`},
			{kind: progress, when: everyDay, at: 505, text: `{Mood}. Lost {6-19}00 mL net. BP {bp}. [Crackles at the bases/Chest clear/Fewer crackles]. [Edema to the shins/Edema to the ankles/Thighs soft]. [Potassium replaced/Same dose/Walks the corridor]. Room air {92-97} percent.`},
		},
		note: `DIAGNOSES: Acute on chronic systolic heart failure.

HISTORY: {age}-year-old {who} with a week of breathlessness and edema.

COURSE: Furosemide by vein, {5-12} liters net. Echocardiogram: ejection fraction {25-38} percent. Off oxygen after {1-3} days.

DISCHARGE: Home on {drug} and a written plan for {His} weight. Heart failure clinic in one week.`,
	},
	{
		name: "chemotherapy", category: charts.Clinic, unit: "Infusion Center", kind: "oncology visit note",
		by: []clinician{oncology}, from: 40, to: 84, rare: 45, labs: quietBloods,
		more: []sheet{{kind: "infusion nursing note", by: emergencyNurses, at: 24, text: `Port accessed, good blood return. Premedication given. [Oxaliplatin/Carboplatin] over {2-3} hours, no reaction. Weight {58-88}.{0-9} kg. Discharged walking.`}},
		note: `{age}-year-old {who} with [adenocarcinoma of the sigmoid colon/adenocarcinoma of the lung], here for cycle {2-6} of chemotherapy. [Tired for three days after the last/Little nausea/Appetite fair]. No fever.

EXAM: ECOG {0-1}. BP {bp}. Port clean. Lungs clear. Blood count fit for treatment.

PLAN: Cycle today. Next in [two/three] weeks with counts before.`,
	},
	{
		name: "nursing facility stay", category: charts.Nursing, unit: "Marrow Bay Nursing and Rehabilitation", kind: "nursing facility discharge summary",
		by: []clinician{pemberthy}, from: 70, to: 99, rare: 40, hours: [2]int{16 * 24, 44 * 24},
		more: []sheet{
			{kind: "nursing facility admission note", days: 1, at: 30, text: `{age}-year-old {who} received yesterday for therapy after [a fall without fracture/a long illness/a stay in hospital with pneumonia]. Walks {5-30} feet with help. Essential hypertension, steady. EXAM: BP {bp}, lungs clear, skin whole.

PLAN: Therapy six days a week. Same medicines. Home is the aim.`},
			{kind: "comprehensive assessment (MDS)", by: []clinician{stanton}, days: 9, at: 60, text: `Admission assessment completed day 9. Interview score {11-15} of 15. Mood {0-4}. Needs [some/little] help to stand and dress. Continent. Eats {60-100} percent. Skin whole. Care plan with resident and family.`},
			{kind: "nursing facility visit", by: []clinician{abernathy}, when: everyMonth, at: 620, text: `Visit. {Mood}. Walks {60-140} feet with a walker. Eats {60-95} percent of meals, weight steady. BP {bp}. Lungs clear, skin whole. Goes home when the stairs can be done.`},
		},
		note: `DIAGNOSES: Weakness after illness, improved with therapy. Essential hypertension.

COURSE: {age}-year-old {who} who walks {120-220} feet with a walker and climbs {3-8} steps. Ate and slept well. No fall. Pressure {bp} on the same medicines. Home with [a daughter/a son/a neighbor who looks in], outpatient therapy.`,
	},
}

// scenarios are all that a person may come with.
var scenarios = append(append([]scenario{}, visits...), stays...)
