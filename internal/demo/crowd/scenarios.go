package crowd

import "chartroom/internal/demo/charts"

const (
	clinicUnit = "Harbor Family Clinic"
	emergency  = "Emergency Department"

	visitNote     = "clinic visit note"
	emergencyNote = "emergency department note"
)

var (
	emergencyDoctors = []clinician{lindqvist, oyelaran, arrow}
	emergencyNurses  = []clinician{dunmore}
	hospitalists     = []clinician{ostrander, vander}
)

// visits are the scenarios of clinic and emergency department.
var visits = []scenario{
	{
		name: "upper respiratory infection", category: charts.Clinic, unit: clinicUnit, kind: visitNote,
		by: []clinician{krol}, from: 0, to: 120,
		note: `SUBJECTIVE: {age}-year-old {who} with {2-6} days of [runny nose/stuffy nose/nasal congestion], [sore throat/scratchy throat] and [dry cough/cough with clear sputum]. [No fever/Low fever on the first day only]. No shortness of breath, no ear pain.

OBJECTIVE: T 37.{0-6}, HR {68-96}. [Nose red and wet/Nasal mucosa swollen]. Throat [pink/slightly red] without exudate. Ears clear. Lungs clear.

ASSESSMENT: [Viral upper respiratory infection/Acute upper respiratory infection, viral]. No sign of pneumonia.

PLAN: Fluids, rest, [honey/saline spray]. No antibiotic. Return if not better in ten days.`,
	},
	{
		name: "hypertension", category: charts.Clinic, unit: clinicUnit, kind: visitNote,
		by: []clinician{krol}, from: 38, to: 96, drugs: []string{"lisinopril", "amlodipine", "losartan", "hydrochlorothiazide"},
		note: `SUBJECTIVE: {age}-year-old {who} here for [blood pressure/follow-up of hypertension]. Home readings [mostly in the 130s/between 125 and 140/a little high in the morning]. No chest pain, no headache, no swelling. Takes {drug} every day.

OBJECTIVE: BP {bp}, HR {58-88}. Heart regular, no murmur. Lungs clear. No edema. Potassium 4.{0-6}, creatinine normal.

ASSESSMENT: Essential hypertension, [at goal/near goal/controlled].

PLAN: [Continue as before/Same dose, recheck in three months]. Less salt, walking. Return in {3-6} months.`,
	},
	{
		name: "type 2 diabetes", category: charts.Clinic, unit: clinicUnit, kind: visitNote,
		by: []clinician{krol}, from: 42, to: 92, drugs: []string{"metformin"},
		note: `SUBJECTIVE: {age}-year-old {who} with type 2 diabetes, here for [the quarterly visit/a diabetes check]. [Feels well/No complaints today]. Sugars {104-152} fasting. No numbness of the feet, no blurred vision, no low sugars.

OBJECTIVE: BP {bp}. Feet: skin whole, pulses felt, monofilament felt. A1c 6.{4-9}%. eGFR {68-96}. Urine albumin normal.

ASSESSMENT: Type 2 diabetes mellitus without complications, [well controlled/at goal]. On metformin, long term.

PLAN: Continue metformin. Eye examination [done in spring/due]. Return in three months.`,
	},
	{
		name: "knee osteoarthritis", category: charts.Clinic, unit: "Orthopedic Clinic", kind: visitNote,
		by: []clinician{tolland}, from: 52, to: 90,
		note: `{age}-year-old {who}, [retired {job}/formerly a {job}], with {side} knee pain for {2-9} years, worse on [stairs/long walks/getting up]. No locking, no giving way, no injury.

EXAM: {Side} knee: [small effusion/no effusion], crepitus, tender medially, flexion {105-130} degrees, stable. Hip free.

FILMS: medial joint space narrowed with osteophytes.

ASSESSMENT: Primary osteoarthritis of the {side} knee.

PLAN: [Physical therapy/Home exercises and acetaminophen/Injection of triamcinolone 40 mg given today]. Return in {2-4} months. Surgery [not wanted yet/discussed for later].`,
	},
	{
		name: "low back pain", category: charts.Clinic, unit: clinicUnit, kind: visitNote,
		by: []clinician{krol}, from: 20, to: 66,
		note: `SUBJECTIVE: {age}-year-old {job} with low back pain for {3-14} days after [lifting/raking/a long drive/moving furniture]. No pain below the knee, no weakness, no trouble with bladder or bowel, no fever.

OBJECTIVE: Tender [along the lumbar muscles/beside L4-5], bending limited. Straight leg raising negative. Reflexes and strength normal.

ASSESSMENT: Acute low back pain, no sign of nerve root disease.

PLAN: Stay active, heat, [ibuprofen/naproxen] for one week. No film needed. [Physical therapy if not better in two weeks/Return if numb or weak].`,
	},
	{
		name: "hypothyroidism", category: charts.Clinic, unit: clinicUnit, kind: visitNote,
		by: []clinician{krol}, from: 25, to: 92, rare: 30, drugs: []string{"levothyroxine"},
		note: `SUBJECTIVE: {age}-year-old {who} with hypothyroidism since {2005-2020}. [Energy good/A little tired/Feels as usual]. Weight steady. Takes levothyroxine before breakfast.

OBJECTIVE: HR {60-84}, BP {bp}. Thyroid not enlarged. TSH {1-3}.{0-9}.

ASSESSMENT: Hypothyroidism, on replacement, [stable/TSH in range].

PLAN: Levothyroxine {dose} as before. TSH in one year.`,
	},
	{
		name: "well child", category: charts.Clinic, unit: "Harbor Pediatric Clinic", kind: visitNote,
		by: []clinician{nakagawa}, from: 2, to: 17,
		note: `{age}-year-old {who} for a routine health examination, with [mother/father/grandmother]. No worries. Sleeps and eats well, [likes school/has friends/plays soccer]. No medicines.

GROWTH: [50th/60th/40th/75th] percentile for height and weight.

EXAM: Normal throughout. Vision and hearing passed.

ASSESSMENT: Well child, normal growth and development, no abnormal findings.

PLAN: [Influenza vaccine given/Vaccines up to date/Immunizations given as due]. Helmet, sunscreen, screen time talked over. Return in one year.`,
	},
	{
		name: "ankle sprain", category: charts.Emergency, unit: emergency, kind: emergencyNote,
		by: emergencyDoctors, from: 10, to: 66,
		more: []sheet{{kind: "triage note", by: emergencyNurses, at: 6, text: `Twisted {side} ankle [about an hour ago/this morning/last evening]. Swollen laterally. Pulses good. Pain {3-7}/10. Ice given.`}},
		note: `HPI: {age}-year-old {who} turned the {side} ankle [stepping off a curb/playing basketball/on a loose stone/coming down the stairs]. Could take four steps after. No other injury.

EXAM: {Side} ankle swollen and tender over the anterior talofibular ligament. No tenderness of the malleoli, base of the fifth metatarsal or navicular. Stable. Foot warm, feeling whole.

FILMS: [Not needed by the Ottawa rule/No fracture].

DIAGNOSIS: Sprain of the anterior talofibular ligament, {side} ankle.

PLAN: Brace, ice, ibuprofen, weight as comfort allows. Clinic if not better in a week.`,
	},
	{
		name: "hand laceration", category: charts.Emergency, unit: emergency, kind: emergencyNote,
		by: emergencyDoctors, from: 16, to: 78,
		more: []sheet{{kind: "triage note", by: emergencyNurses, at: 6, text: `{Side} hand cut [on glass/with a kitchen knife/on sheet metal] at home. Bleeding stopped with pressure. Last tetanus [within five years/2022/2023].`}},
		note: `HPI: {age}-year-old {who} cut the palm of the {side} hand at home. No numbness.

EXAM: {Side} hand, palm: clean laceration of {2-5} cm, not to tendon. Full power and feeling of all fingers. No foreign body.

PROCEDURE: Lidocaine, washed with saline, {3-8} stitches of 4-0 nylon.

DIAGNOSIS: Laceration of the {side} hand without foreign body.

PLAN: Keep dry one day. Stitches out in ten days. Tetanus is up to date.`,
	},
	{
		name: "gastroenteritis", category: charts.Emergency, unit: emergency, kind: emergencyNote,
		by: emergencyDoctors, from: 3, to: 85,
		more: []sheet{{kind: "triage note", by: emergencyNurses, at: 6, text: `Vomiting x {3-8} and watery stool x {3-9} since [last night/yesterday]. T 37.{2-8}. HR {84-112}. Belly cramps.`}},
		note: `HPI: {age}-year-old {who} with vomiting and watery diarrhea for {2-3} days. [Others at home are ill/Ate at a church supper/No one else ill]. No blood. No travel.

EXAM: [Dry lips/Moist mouth], belly soft with no point of tenderness, no guarding.

COURSE: Ondansetron 4 mg, then drank {400-900} mL and kept it. Chemistry [normal/not needed].

DIAGNOSIS: Acute viral gastroenteritis. Appendicitis is not likely.

PLAN: Oral fluids, light diet. Return for blood, fever or worse pain.`,
	},
	{
		name: "cystitis", category: charts.Emergency, unit: emergency, kind: emergencyNote,
		by: emergencyDoctors, from: 18, to: 88, sex: "female",
		more: []sheet{{kind: "triage note", by: emergencyNurses, at: 6, text: `Burning with urination {1-4} days. T 36.{5-9}. HR {66-92}. Urine cloudy.`}},
		note: `HPI: {age}-year-old woman with [burning/pain] on urination and [frequency/urgency] for {1-4} days. No fever, no flank pain, no discharge.

EXAM: Well. Mild suprapubic tenderness. No tenderness of the flanks.

URINE: leukocyte esterase positive, nitrite [positive/negative], no blood.

DIAGNOSIS: Acute cystitis without hematuria.

PLAN: [Nitrofurantoin 100 mg twice daily for five days/Fosfomycin 3 g once]. Return for fever or back pain.`,
	},
	{
		name: "migraine", category: charts.Emergency, unit: emergency, kind: emergencyNote,
		by: emergencyDoctors, from: 16, to: 58, rare: 40,
		more: []sheet{{kind: "triage note", by: emergencyNurses, at: 6, text: `Headache since [noon/last night], {6-9}/10, light hurts. Neuro intact. Dark room.`}},
		note: `HPI: {age}-year-old {who} with [usual/typical] migraine for {5-30} hours, {side} sided, throbbing, with nausea and dislike of light. No aura. Not the worst ever, no fever, no stiff neck, no injury.

EXAM: Neurologic examination normal. Fundi flat.

COURSE: Metoclopramide, ketorolac, fluids. Pain from {7-9} to {0-2}.

DIAGNOSIS: Migraine without aura, not intractable.

PLAN: Home, dark room. Family doctor about prevention.`,
	},
}
