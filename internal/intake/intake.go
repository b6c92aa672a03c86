package intake

import (
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// The actions of this package, as the policy names them.
const (
	ActionReceive gate.Action = "intake.receive"      // files, posted bodies, messages over MLLP
	ActionList    gate.Action = "intake.list"         // what was received
	ActionRead    gate.Action = "intake.read-message" // the bytes of one message
)

// The formats of messages.
const (
	FormatHL7  = "hl7v2"
	FormatFHIR = "fhir"
	FormatText = "text"
	FormatCCDA = "ccda"
	FormatCSV  = "csv"
)

// Words that stand in many places.
const (
	subjectMessage  = "message"
	plainText       = "text/plain"
	inProgress      = "in-progress"
	cancelled       = "cancelled"
	planned         = "planned"
	finished        = "finished"
	dischargeReport = "discharge summary"
	radiologyReport = "radiology report"
	pathologyReport = "pathology report"
)

// ErrNotFound is returned for a message that there is not.
var ErrNotFound = errors.New("no such message")

// Config is what an intake needs to know of its facility.
type Config struct {
	// Zone is the facility's time zone, for times that come without an offset;
	// nil means UTC.
	Zone *time.Location
	// Source names the system that ids without an address of their own belong
	// to. Two systems that both have a Patient/1 must be given two names.
	Source string
}

// Service is the door of the intake. It is safe for concurrent use.
type Service struct {
	gate     *gate.Gate
	ring     *seal.Ring
	chart    *chart.Service
	identity *identity.Service
	work     *work.Service
	scan     *scan.Service
	config   Config
}

// Doors are what the intake stands on.
type Doors struct {
	Chart    *chart.Service
	Identity *identity.Service
	Work     *work.Service
	Scan     *scan.Service
}

// New makes the door.
func New(g *gate.Gate, r *seal.Ring, d Doors, config Config) *Service {
	if config.Zone == nil {
		config.Zone = time.UTC
	}
	return &Service{gate: g, ring: r, chart: d.Chart, identity: d.Identity, work: d.Work, scan: d.Scan, config: config}
}

// Rejection is something received that was not taken in.
type Rejection struct {
	Place  string `json:"place"`  // where in the file: "message 3, segment 5 (OBX), …", "line[17]", "entry[4]"
	Reason string `json:"reason"` // without patient data
}

// Result says what became of one message or one file.
// Received = Accepted + Rejected; Repeated counts those of the accepted that
// were here before.
type Result struct {
	Received, Accepted, Rejected, Repeated int

	// Rejections are listed up to MaxRejections; Rejected counts all.
	Rejections []Rejection
	// Notices are faults that cost nothing: a batch trailer that counts wrongly.
	Notices []Rejection
}

// MaxRejections is how many rejections of one file are listed.
const MaxRejections = 10_000

func (r *Result) reject(place, reason string) {
	r.Received++
	r.Rejected++
	if len(r.Rejections) < MaxRejections {
		r.Rejections = append(r.Rejections, Rejection{Place: place, Reason: reason})
	}
}

func (r *Result) notice(place, reason string) {
	if len(r.Notices) < MaxRejections {
		r.Notices = append(r.Notices, Rejection{Place: place, Reason: reason})
	}
}

func (r *Result) add(other Result) {
	r.Received += other.Received
	r.Accepted += other.Accepted
	r.Rejected += other.Rejected
	r.Repeated += other.Repeated
	room := max(0, MaxRejections-len(r.Rejections))
	r.Rejections = append(r.Rejections, other.Rejections[:min(room, len(other.Rejections))]...)
	r.Notices = append(r.Notices, other.Notices...)
}

// stableID makes the id of a fact from what its sender calls it, so that it is
// the same fact when it comes again. It is a keyed hash: it tells nothing.
func (s *Service) stableID(kind string, parts ...string) string {
	token := s.ring.Token("fact."+kind, strings.Join(parts, "\x00"))
	return idEncoding.EncodeToString(token)
}

// idEncoding gives 26 characters for 16 bytes, as the gate's own ids have.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
