package compile

// smallTabular has what real files have: nested sections, a section of one
// category, notes of every kind, an empty one, placeholders, seventh characters
// at two levels. The conditions are invented.
const smallTabular = `<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
<version>2031</version>
<introduction><introSection type="title"><title>Invented</title></introSection></introduction>
<chapter><name>1</name><desc>Diseases of invented organs (A00-B99)</desc>
<includes><note>disorders of the gizzard</note></includes>
<excludes2><note>gizzard of newborn (P00-P96)</note></excludes2>
<sectionIndex><sectionRef first="A00" last="A09" id="A00-A09">Gizzard</sectionRef></sectionIndex>
<section id="A00-B49"><desc>Outer section (A00-B49)</desc>
<section id="A00-A09"><desc>Diseases of gizzard (A00-A09)</desc>
<diag><name>A00</name><desc>Gizzard fever</desc>
<excludes1><note>feather fever (B10.-)</note></excludes1>
<useAdditionalCode><note>code to identify grit:</note><note>coarse grit (B20)</note></useAdditionalCode>
<diag><name>A00.0</name><desc>Acute gizzard fever with (mild) molt</desc>
<inclusionTerm><note>Sudden gizzard fever</note></inclusionTerm></diag>
<diag><name>A00.9</name><desc>Gizzard fever, unspecified</desc>
<inclusionTerm><note>Gizzard fever NOS</note></inclusionTerm><codeAlso><note></note></codeAlso></diag>
</diag>
<diag><name>A01</name><desc>Fracture of wishbone</desc>
<sevenChrNote><note>The appropriate 7th character is to be added to each code from category A01</note></sevenChrNote>
<sevenChrDef><extension char="A">initial encounter for closed fracture</extension><extension char="S">sequela</extension></sevenChrDef>
<codeFirst><note>underlying brittle bone (A00.-)</note></codeFirst>
<diag><name>A01.0</name><desc>Displaced fracture of wishbone</desc>
<diag placeholder="true"><name>A01.0X</name><desc>Displaced fracture of wishbone</desc></diag></diag>
<diag><name>A01.1</name><desc>Other fracture of wishbone</desc></diag>
</diag>
</section></section>
<section id="B20"><desc>Grit (B20)</desc><notes><note>Grit is coded second.</note></notes>
<diag><name>B20</name><desc>Coarse grit</desc><includes><note>gravel</note></includes></diag></section>
</chapter>
</ICD10CM.tabular>`

// smallCodes is every code of the edition of smallTabular.
var smallCodes = []string{"A00", "A000", "A009", "A01", "A010", "A010X", "A010XXA", "A010XXS", "A011", "A011XXA", "A011XXS", "B20"}

const smallIndex = `<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index><version>2031</version><title>INDEX TO DISEASES</title>
<letter><title>F</title>
<mainTerm><title>Fever<nemod>(high) (low)</nemod></title><code>R50.9</code>
 <term level="1"><title>gizzard</title><code>A00.-</code><manif>B20</manif>
  <term level="2"><title>acute<nemod>(sudden)</nemod> NEC</title><code>A00.0</code></term></term>
 <term level="1"><title>feather</title><see>Molt, fever</see><seeAlso>Grit</seeAlso></term>
</mainTerm>
<mainTerm><title>Molt</title><see>Fever, gizzard</see></mainTerm>
</letter></ICD10CM.index>`

const smallNeoplasm = `<ICD10CM.index><version>2031</version>
<indexHeading><head col="1">Neoplasm</head><head col="2">Malignant Primary</head></indexHeading>
<letter><title>N</title><mainTerm><title>Neoplasm, neoplastic</title><cell col="2">C80.1</cell><cell col="7">D49.9</cell>
<term level="1"><title>gizzard</title><cell col="2">C16.-</cell><cell col="3">--</cell></term></mainTerm></letter></ICD10CM.index>`

const smallTables = `<ICD10PCS.tabular><version>2031</version><title>Tables</title>
<pcsTable><axis pos="1" values="1"><title>Section</title><label code="0">Medical and Surgical</label></axis>
<axis pos="2" values="1"><title>Body System</title><label code="2">Heart</label></axis>
<axis pos="3" values="1"><title>Operation</title><label code="7">Dilation</label><definition>Making wider</definition></axis>
<pcsRow codes="4"><axis pos="4" values="2"><title>Body Part</title><label code="0">One</label><label code="1">Two</label></axis>
<axis pos="5" values="2"><title>Approach</title><label code="0">Open</label><label code="3">Percutaneous</label></axis>
<axis pos="6" values="1"><title>Device</title><label code="Z">No Device</label></axis>
<axis pos="7" values="1"><title>Qualifier</title><label code="Z">No Qualifier</label></axis></pcsRow></pcsTable>
</ICD10PCS.tabular>`

const smallPCSIndex = `<ICD10PCS.index><version>2031</version><letter><title>D</title>
<mainTerm><title>Widening</title><term level="1"><see>Dilation, Heart<codes>027</codes></see></term>
<term level="1"><title>One</title><codes>0270</codes></term></mainTerm>
<mainTerm><title>Dilation</title><code>02700ZZ</code></mainTerm>
<mainTerm><title>Sternal vessel</title><use>One</use></mainTerm></letter></ICD10PCS.index>`
