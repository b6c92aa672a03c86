package ui

var iconPaths = map[string]string{
	"search": "M7 2.500a4.500 4.500 0 100 9 4.500 4.500 0 000-9zM10.300 10.300l3.400 3.400",
	"theme":  "M8 2a6 6 0 100 12A6 6 0 008 2zM8 2v12M8 5.500l3.500-2M8 9l5.500-2M8 12.500l4.500-2",
	"lock":   "M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 015 0v2.500",
	"out":    "M6.500 3H3v10h3.500M7 8h6.500M11 5.500L13.500 8 11 10.500",
	"keys":   "M2 4.500h12v7H2zM4.500 7h.2M7 7h.2M9.500 7h.2M12 7h-.2M5 9.500h6",
	"print":  "M4.500 6V2.500h7V6M4.500 11.500H2.500V6h11v5.500h-2M4.500 9.500h7v4h-7z",
	"table":  "M2.500 3h11v10h-11zM2.500 6.500h11M6.500 6.500V13",
	"warn":   "M8 2.500l6 11H2zM8 6.500v3.200M8 11.600v.2",
	"stop":   "M8 2a6 6 0 100 12A6 6 0 008 2zM4 4l8 8",
	"info":   "M8 2a6 6 0 100 12A6 6 0 008 2zM8 7.200V11M8 4.900v.2",
	"check":  "M3 8.500l3.200 3L13 4.500",
	"doc":    "M4 2h5.500L12.500 5v9H4zM9.500 2v3h3",
}

func iconPath(name string) string { return iconPaths[name] }
