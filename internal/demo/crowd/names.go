package crowd

// Common and invented names. None belongs with another: they are drawn apart.
var families = []string{
	"Abbott", "Achebe", "Adair", "Aguilar", "Alcott", "Amari", "Anders", "Arceneaux", "Ashby", "Atwater",
	"Babineaux", "Bakshi", "Ballard", "Barclay", "Bellamy", "Benoit", "Bergstrom", "Birch", "Blackwood", "Bouchard",
	"Bowditch", "Brannigan", "Brewster", "Bright", "Burgess", "Calloway", "Cardoso", "Carver", "Castillo", "Chandler",
	"Chowdhury", "Clearwater", "Coffin", "Colby", "Corrigan", "Cote", "Crosby", "Cutler", "Dalton", "Damaso",
	"Danforth", "Dawes", "Delgado", "Desjardins", "Diallo", "Dimitrov", "Donnelly", "Doucette", "Drake", "Dunham",
	"Eastman", "Ellery", "Emerson", "Eriksen", "Espinoza", "Fairbanks", "Farnham", "Fenwick", "Figueroa", "Fitch",
	"Flanagan", "Fogg", "Fontana", "Forsythe", "Gagnon", "Gallagher", "Garrity", "Getachew", "Gilchrist", "Goodwin",
	"Grady", "Greenlaw", "Guzman", "Haley", "Hamlin", "Harding", "Haskell", "Hassan", "Hathaway", "Hayward",
	"Herrera", "Hinckley", "Hobbs", "Holloway", "Hoang", "Ibarra", "Ingersoll", "Iqbal", "Jalbert", "Jensen",
	"Johansson", "Joyce", "Kaplan", "Keane", "Kelleher", "Kimball", "Kovacs", "Laforge", "Lambert", "Larrabee",
	"Lavoie", "Leavitt", "Levesque", "Libby", "Lombard", "Lowell", "MacLeod", "Mahmoud", "Mallory", "Marchetti",
	"Marden", "Mayhew", "McAllister", "Meehan", "Mensah", "Merrill", "Michaud", "Milliken", "Montoya", "Moreau",
	"Mwangi", "Nadeau", "Nakata", "Navarro", "Neville", "Nguyen", "Norwood", "Nwosu", "Oakes", "Okafor",
	"Olsen", "Ortega", "Osgood", "Ouellette", "Pappas", "Parrish", "Patel", "Pelkey", "Penhallow", "Perreault",
	"Pickering", "Poirier", "Prescott", "Quigley", "Quimby", "Rahman", "Ramsey", "Redmond", "Richter", "Rivera",
	"Robichaud", "Rosen", "Rousseau", "Sadler", "Salazar", "Sanborn", "Santos", "Sawyer", "Schofield", "Sewall",
	"Shapiro", "Sheridan", "Silva", "Sinclair", "Skillings", "Soto", "Sprague", "Stanhope", "Stetson", "Storer",
	"Sullivan", "Swett", "Tanaka", "Tarbell", "Thayer", "Theriault", "Thurlow", "Tibbetts", "Torres", "Tran",
	"Trask", "Turcotte", "Upham", "Valdez", "Varga", "Vaughn", "Verrill", "Wadsworth", "Walcott", "Warsame",
	"Waterhouse", "Weld", "Wescott", "Whitcomb", "Wiggin", "Winslow", "Yates", "Yoon", "Zambrano", "Zielinski",
}

var women = []string{
	"Abigail", "Ada", "Agnes", "Alma", "Amelia", "Amina", "Anita", "Anne", "Beatriz", "Bernice",
	"Brenda", "Bridget", "Camille", "Carmen", "Caroline", "Catherine", "Celia", "Claudia", "Constance", "Cora",
	"Daphne", "Deborah", "Diana", "Dolores", "Edith", "Eileen", "Elena", "Elizabeth", "Ellen", "Elsa",
	"Emma", "Esther", "Eva", "Fatima", "Fiona", "Florence", "Frances", "Georgia", "Gloria", "Grace",
	"Hannah", "Harriet", "Hazel", "Helen", "Ida", "Ines", "Irene", "Isabel", "Ivy", "Jane",
	"Janet", "Jasmine", "Joan", "Josefina", "Joy", "Judith", "Julia", "Karen", "Kathleen", "Keiko",
	"Laura", "Leila", "Lillian", "Linda", "Lucia", "Lydia", "Mabel", "Margaret", "Maria", "Marion",
	"Martha", "Mary", "Maya", "Mei", "Mildred", "Miriam", "Nadia", "Nancy", "Naomi", "Nora",
	"Olga", "Olive", "Patricia", "Paula", "Pearl", "Priya", "Rachel", "Rebecca", "Rita", "Rosa",
	"Ruth", "Sarah", "Sonia", "Stella", "Susan", "Sylvia", "Teresa", "Vera", "Violet", "Zainab",
}

var men = []string{
	"Aaron", "Abdi", "Adam", "Alan", "Albert", "Alexander", "Alfred", "Amir", "Andre", "Andrew",
	"Anthony", "Arthur", "Benjamin", "Bernard", "Brian", "Bruce", "Calvin", "Carl", "Carlos", "Charles",
	"Christopher", "Clarence", "Clifford", "Daniel", "David", "Dennis", "Diego", "Donald", "Douglas", "Earl",
	"Edgar", "Edward", "Elliot", "Emil", "Eric", "Ernest", "Eugene", "Felix", "Francis", "Frank",
	"Gabriel", "George", "Gerald", "Gilbert", "Gordon", "Gregory", "Harold", "Hassan", "Henry", "Herbert",
	"Howard", "Hugh", "Ian", "Isaac", "Ivan", "James", "Jerome", "John", "Jonathan", "Jorge",
	"Joseph", "Julian", "Karl", "Keith", "Kenji", "Kenneth", "Kwame", "Lawrence", "Leo", "Leonard",
	"Lewis", "Luis", "Marcus", "Mark", "Martin", "Matthew", "Michael", "Miguel", "Nathan", "Neil",
	"Nicholas", "Norman", "Oliver", "Oscar", "Patrick", "Paul", "Peter", "Philip", "Rafael", "Ralph",
	"Raymond", "Richard", "Robert", "Roland", "Samuel", "Stephen", "Theodore", "Thomas", "Victor", "William",
}

var streets = []string{
	"Anchor", "Ballast", "Barnacle", "Bayberry", "Beacon Hill", "Binnacle", "Bowsprit", "Breakwater", "Buoy", "Capstan",
	"Chandlery", "Clamshell", "Compass Rose", "Cordage", "Cormorant", "Cutwater", "Driftwood", "Eelgrass", "Fathom", "Flotsam",
	"Foghorn", "Gannet", "Granary", "Gull Rock", "Halyard", "Herring Gull", "Jetty", "Keelson", "Kelp", "Kittiwake",
	"Lantern", "Larkspur", "Lobster Pound", "Mizzen", "Mooring", "Net Loft", "Oarlock", "Old Ferry", "Osprey", "Periwinkle",
	"Plover", "Quarterdeck", "Rigging", "Ropewalk", "Rudder", "Salt Shed", "Sandpiper", "Schooner", "Seawrack", "Sexton's",
	"Skiff", "Spar Loft", "Tarn Hollow", "Tern", "Tidewall", "Trestle", "Weathervane", "Weir", "Whelk", "Windlass",
}

var streetKinds = []string{"Street", "Road", "Lane", "Avenue", "Court", "Way", "Terrace", "Circle"}

// towns are invented; postcodes lie in Maine's 049 area.
var towns = [][2]string{
	{"Marrow Bay", "04998"},
	{"Marrow Bay", "04998"},
	{"Marrow Bay", "04998"},
	{"Quillby", "04997"},
	{"Eastmere", "04996"},
	{"Tarn Harbor", "04995"},
	{"Pell's Crossing", "04994"},
}

var commercial = []string{"Northern Tide Insurance", "Bluefin Employee Benefit Trust", "Pinnacle Shore Health"}

var commercialPlans = []string{"PPO Silver", "PPO Choice", "HMO Gold", "HDHP Saver"}

var jobs = []string{
	"teacher", "carpenter", "line cook", "bus driver", "bookkeeper", "boat builder", "cashier", "electrician", "nurse's aide", "postal clerk",
	"librarian", "lobster fisher", "mechanic", "office manager", "painter", "paralegal", "potter", "roofer", "sales clerk", "software tester",
	"surveyor", "tailor", "truck driver", "warehouse worker", "welder",
}
