package fhirgen

// term is a code with words of our own for it.
type term struct {
	system, code, words string
	unit                string
	low, high           float64
}

const (
	snomed = "http://snomed.info/sct"
	loinc  = "http://loinc.org"
	rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
	cvx    = "http://hl7.org/fhir/sid/cvx"
)

var (
	givenNames  = []string{"Alma", "Bruno", "Cora", "Desmond", "Edith", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Klara", "Leon", "Mira", "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Silas", "Thea", "Ulrich", "Vera", "Walter", "Yara", "José", "Zoë"}
	familyNames = []string{"Abernathy", "Bellfield", "Cobblestone", "Dunmore", "Eastlake", "Fairweather", "Greenholm", "Hollowell", "Ironside", "Juniper", "Kettering", "Larkspur", "Merriweather", "Northcott", "Oakhurst", "Pemberly", "Quillfeather", "Rosewater", "Silverthorne", "Thistlewood", "Underhill", "Vandermeer", "Wintergreen", "Yarborough", "Núñez", "O'Farrel"}
	streets     = []string{"Invented Lane", "Sample Street", "Paper Mill Road", "Example Avenue", "Orchard Court", "Harbor View"}
	cities      = []string{"Northbridge", "Lakemont", "Fairhaven Mills", "Cedar Point", "Millbrook Falls"}

	visits = []term{
		{snomed, "185349003", "Check-up visit", "", 0, 0},
		{snomed, "185347001", "Visit for a problem", "", 0, 0},
		{snomed, "50849002", "Emergency department visit", "", 0, 0},
		{snomed, "32485007", "Hospital stay", "", 0, 0},
	}
	problems = []term{
		{snomed, "38341003", "High blood pressure", "", 0, 0},
		{snomed, "44054006", "Diabetes, type 2", "", 0, 0},
		{snomed, "195967001", "Asthma", "", 0, 0},
		{snomed, "13645005", "Chronic obstructive lung disease", "", 0, 0},
		{snomed, "444814009", "Viral sinus infection", "", 0, 0},
		{snomed, "10509002", "Acute bronchitis", "", 0, 0},
		{snomed, "53741008", "Coronary artery disease", "", 0, 0},
		{snomed, "254837009", "Breast cancer", "", 0, 0},
		{snomed, "431855005", "Chronic kidney disease, stage 1", "", 0, 0},
		{snomed, "233604007", "Pneumonia", "", 0, 0},
	}
	measures = []term{
		{loinc, "8302-2", "Height", "cm", 150, 195},
		{loinc, "29463-7", "Weight", "kg", 50, 120},
		{loinc, "39156-5", "Body mass index", "kg/m2", 18, 38},
		{loinc, "8867-4", "Heart rate", "/min", 55, 110},
		{loinc, "9279-1", "Breaths per minute", "/min", 12, 22},
		{loinc, "8310-5", "Temperature", "Cel", 36, 39},
		{loinc, "2339-0", "Glucose in blood", "mg/dL", 70, 220},
		{loinc, "6299-2", "Urea nitrogen in blood", "mg/dL", 7, 30},
		{loinc, "38483-4", "Creatinine in blood", "mg/dL", 0, 3},
		{loinc, "2947-0", "Sodium in blood", "mmol/L", 132, 148},
		{loinc, "6298-4", "Potassium in blood", "mmol/L", 3, 6},
		{loinc, "4548-4", "Hemoglobin A1c", "%", 4, 11},
	}
	panels = []term{
		{loinc, "51990-0", "Basic metabolic panel", "", 0, 0},
		{loinc, "57698-3", "Lipid panel", "", 0, 0},
		{loinc, "58410-2", "Complete blood count", "", 0, 0},
	}
	procedures = []term{
		{snomed, "430193006", "Medicines reviewed", "", 0, 0},
		{snomed, "73761001", "Colonoscopy", "", 0, 0},
		{snomed, "171207006", "Depression screening", "", 0, 0},
		{snomed, "399208008", "Chest X-ray", "", 0, 0},
		{snomed, "265764009", "Hemodialysis", "", 0, 0},
	}
	drugs = []term{
		{rxnorm, "314076", "lisinopril 10 mg tablet", "", 0, 0},
		{rxnorm, "860975", "metformin 500 mg extended-release tablet", "", 0, 0},
		{rxnorm, "259255", "atorvastatin 40 mg tablet", "", 0, 0},
		{rxnorm, "313782", "acetaminophen 325 mg tablet", "", 0, 0},
		{rxnorm, "745679", "albuterol inhaler, 200 puffs", "", 0, 0},
	}
	vaccines = []term{
		{cvx, "140", "Influenza vaccine", "", 0, 0},
		{cvx, "113", "Tetanus and diphtheria vaccine", "", 0, 0},
		{cvx, "121", "Shingles vaccine", "", 0, 0},
	}
	complaints = []string{"a cough of two weeks", "pain in the chest on climbing stairs", "dizziness in the morning",
		"a sore throat and fever", "swelling of both ankles", "nothing new; here for the yearly visit"}
	findings = []string{"Lungs clear to auscultation.", "Heart sounds regular, no murmur.", "Abdomen soft, not tender.",
		"No edema of the legs.", "Oriented to person, place and time.", "Breath sounds diminished at the right base.",
		"Skin warm and dry.", "Gait steady."}
	plans = []string{"Continue present medicines.", "Return in three months.", "Laboratory work today.",
		"Chest X-ray if the cough persists.", "Advised on diet and walking.", "Referred to cardiology."}
)
