package intake_test

// plantedCCDA and plantedCSV have the planted words in every place of a document
// and of a list.
const plantedCCDA = `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><id root="1.2" extension="77310459982"/><title>Grizzlewort summary</title><effectiveTime value="20260901"/>
<recordTarget><patientRole><id root="NORTH" extension="MRN88417"/><id root="2.16.840.1.113883.4.1" extension="912-66-4417"/><addr><streetAddressLine>1023 Vellichor Crescent</streetAddressLine><city>Zzyzxton</city></addr><telecom value="mailto:zwan@example.org"/>
<patient><name><given>Theodolinda</given><family>Zwanenburgh</family></name><birthTime value="19371123"/></patient></patientRole></recordTarget>
<author><assignedAuthor><assignedPerson><name><given>Quarrington</given><family>Marmaduke</family></name></assignedPerson></assignedAuthor></author>
<componentOf><encompassingEncounter><id root="1" extension="VIS40021"/><effectiveTime><low value="2026083130"/></effectiveTime></encompassingEncounter></componentOf>
<component><structuredBody><component><section><title>Grizzlewort</title><text>Theodolinda Zwanenburgh has pellucidar syndrome, xanthoblepharic.</text>
<entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><value xsi:type="CD" displayName="pellucidar syndrome"/></observation></entry>
<entry><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.61"/><performer><assignedEntity><representedOrganization><name>Obfuscare Mutual</name></representedOrganization></assignedEntity></performer><participant typeCode="COV"><participantRole><id root="1" extension="MEMBER5567"/></participantRole></participant></act></entry>
</section></component></structuredBody></component></ClinicalDocument>`

const plantedCSV = "record_number,assigner,family,given,birth_date,ssn,street,city,phone,email,Zwanenburgh\n" +
	"MRN88417,NORTH,Zwanenburgh,Theodolinda,1937-11-23,912-66-4417,1023 Vellichor Crescent,Zzyzxton,5550134499,zwan@example.org,x\n" +
	"77310459982,NORTH,Zwanenburgh,Marmaduke,19371123,,,,,,\n" +
	"MRN88418,NORTH,Zwanenburgh,Quarrington,19370230,,,,,,Grizzlewort\n"
