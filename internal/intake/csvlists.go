package intake

import "strings"

// listKind is one list that is read from CSV: its columns by their canonical
// names, each with the other names that are understood, and which of them make a
// list this one.
type listKind struct {
	name    string
	keys    []string // one of these makes it this list
	needs   []string // and all of these
	columns map[string]string
}

func (l *listKind) is(has map[string]bool) bool {
	for _, n := range l.needs {
		if !has[n] {
			return false
		}
	}
	for _, k := range l.keys {
		if has[k] {
			return true
		}
	}
	return len(l.keys) == 0
}

// column is the canonical name of a column, "" for one that is not known.
func (l *listKind) column(name string) string { return l.columns[name] }

// columnsOf reads a table: a canonical name, then its other names, one column a
// line.
func columnsOf(tables ...string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(strings.Join(tables, "\n")) {
		names := strings.Fields(line)
		for _, n := range names {
			all[n] = names[0]
		}
	}
	return all
}

// The columns that several lists have.
const (
	ofRecord = `record_number mrn medical_record_number patient_number patient_id
		assigner facility assigning_authority`
	ofVisit = `encounter encounter_number encounter_id visit visit_number visit_id account_number`
	ofFact  = `id
		system code_system
		date effective_date performed_date recorded_date onset_date
		status
		note comment
		author_id npi
		author provider performer surgeon ordering_provider`
)

// lists are the lists, in the order in which a header is compared with them.
var lists = []listKind{
	{name: "documents", needs: []string{"text"}, columns: columnsOf(ofRecord, ofVisit, `id document_id
		type document_type
		title
		text note_text body
		author_id npi
		author provider
		author_role role
		date written written_at document_date
		signed
		signed_at signed_date`)},
	{name: "results", keys: []string{"test", "test_code"}, needs: []string{"value"}, columns: columnsOf(ofRecord, ofVisit, ofFact, `test test_name result_name
		test_code loinc code
		value result
		unit units
		range reference_range
		flag abnormal_flag
		order_number order`)},
	{name: "diagnoses", keys: []string{"diagnosis", "diagnosis_code"}, columns: columnsOf(ofRecord, ofVisit, ofFact, `diagnosis diagnosis_text description problem
		diagnosis_code icd10 icd10cm icd_10 icd_10_cm dx_code dx code
		poa present_on_admission
		rank sequence
		resolved resolved_date`)},
	{name: "procedures", keys: []string{"procedure", "procedure_code"}, columns: columnsOf(ofRecord, ofVisit, ofFact, `procedure procedure_text description
		procedure_code icd10pcs icd_10_pcs cpt hcpcs code
		rank sequence`)},
	{name: "medications", keys: []string{"medication", "medication_code"}, columns: columnsOf(ofRecord, ofVisit, ofFact, `medication drug medication_name description
		medication_code rxnorm ndc code
		dose
		route
		frequency
		start start_date
		end end_date stop stop_date`)},
	{name: "allergies", keys: []string{"allergy", "allergy_code"}, columns: columnsOf(ofRecord, ofFact, `allergy allergen substance
		allergy_code code
		reaction reactions
		severity`)},
	{name: "coverage", needs: []string{"payer"}, columns: columnsOf(ofRecord, `payer insurer insurance insurance_company
		plan plan_name
		member member_id policy_number subscriber_id
		group group_number
		priority rank
		from from_date effective effective_date start_date
		to to_date expires expiration_date end_date
		relationship`)},
	{name: "patients", needs: []string{"family"}, columns: columnsOf(ofRecord, `family family_name last_name surname
		given given_name first_name
		middle middle_name
		prefix
		suffix
		birth_date date_of_birth dob birthdate
		sex gender
		ssn social_security_number
		street address street_address address_line address_line_1
		city
		state
		postcode zip zip_code postal_code
		country
		phone telephone phone_number
		email
		language
		race
		ethnicity
		marital marital_status
		deceased date_of_death death_date`)},
	{name: "encounters", needs: []string{"encounter", "start"}, columns: columnsOf(ofRecord, ofVisit, `setting class patient_class
		status
		unit ward department
		service
		start start_date admitted admit_date admission_date date
		end end_date discharged discharge_date
		disposition discharge_status discharge_disposition
		attending_id attending_npi
		attending attending_name
		reason chief_complaint`)},
}
