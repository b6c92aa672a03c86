package intake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/wire/hl7v2"
	"chartroom/wire/hl7v2/mllp"
)

// ListenerConfig says how an MLLP listener behaves. The zero value is usable.
type ListenerConfig struct {
	// Trouble is told what went wrong, in words without patient data; nil for
	// nobody.
	Trouble func(text string)
	// Now gives the time of acknowledgements; nil means time.Now.
	Now func() time.Time
	// IdleTimeout, MaxConns and DrainTimeout are those of mllp.Server.
	IdleTimeout, DrainTimeout time.Duration
	MaxConns                  int
}

// Listen takes in the messages that arrive over MLLP until ctx ends, then
// answers those being handled and returns.
//
// Each message is stored in an action of its own by actor. The answer goes out
// after that action is durable: AA, or CA where the sender asks for an accept
// acknowledgement (MSH-15). AE and CE say that the content cannot be used, AR
// and CR that type, event, version or processing ID are not taken in. A message
// that was here before is answered AA again and not processed. If the store
// fails no answer goes out and the connection ends, so that the sender sends
// again.
func (s *Service) Listen(ctx context.Context, l net.Listener, actor gate.Actor, c ListenerConfig) error {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Trouble == nil {
		c.Trouble = func(string) {}
	}
	server := mllp.Server{
		Handler: &listener{s: s, actor: actor, config: c}, IdleTimeout: c.IdleTimeout, DrainTimeout: c.DrainTimeout, MaxConns: c.MaxConns,
	}
	if err := server.Serve(ctx, l); err != nil {
		return fmt.Errorf("mllp listener: %w", err)
	}
	return nil
}

// listener answers the messages of all connections.
type listener struct {
	s      *Service
	actor  gate.Actor
	config ListenerConfig
}

// HandleMessage takes one message in and returns its acknowledgement.
func (l *listener) HandleMessage(ctx context.Context, peer net.Addr, raw []byte) ([]byte, error) {
	m, err := hl7v2.Parse(raw, hl7v2.Options{})
	if err != nil {
		header, ok := hl7v2.PeekHeader(raw)
		if !ok {
			header = hl7v2.Header{}
		}
		return l.refuse(ctx, header, raw, err)
	}
	header := m.Header()
	err = supported(m, header)
	var x *hl7Message
	if err == nil {
		x, err = l.s.readHL7(m, "mllp")
	}
	if err != nil {
		return l.refuse(ctx, header, raw, err)
	}
	err = l.store(ctx, x, peer)
	var e *hl7v2.Error
	switch {
	case err == nil:
		for _, n := range x.told {
			l.config.Trouble(n.Place + ": " + n.Reason)
		}
		return l.answer(header, nil), nil
	case errors.As(err, &e):
		l.config.Trouble("refused: " + e.Error())
		return l.answer(header, err), nil
	}
	l.config.Trouble("not stored: " + safe(err))
	return nil, err
}

// refuse keeps a message that cannot be used, and answers it. What is not kept is
// not answered, so that the sender sends again.
func (l *listener) refuse(ctx context.Context, header hl7v2.Header, raw []byte, why error) ([]byte, error) {
	var e *hl7v2.Error
	if !errors.As(why, &e) {
		l.config.Trouble("not read: " + safe(why))
		return nil, why
	}
	l.config.Trouble("refused: " + e.Error())
	lost := unreadable(FormatHL7, "mllp", "", "message", "", raw)
	lost.head.Sender, lost.head.Control = sender(header), header.ControlID
	if err := l.s.refuse(ctx, l.actor, lost, Rejection{Place: hl7Place(e), Reason: e.Reason}); err != nil {
		l.config.Trouble("not stored: " + safe(err))
		return nil, err
	}
	return l.answer(header, why), nil
}

func (l *listener) store(ctx context.Context, x *hl7Message, peer net.Addr) error {
	x.place = "message"
	if err := l.s.seal(&x.envelope); err != nil {
		return err
	}
	actor := l.actor
	actor.Session = peer.String()
	err := l.s.change(ctx, actor, gate.Subject{Kind: subjectMessage, ID: x.id}, func(tx *gate.Tx) error {
		again, err := l.s.storeHL7(ctx, tx, x)
		if again {
			tx.Detail("repeated", "1")
		}
		return err
	})
	var no *refusal
	if !errors.As(err, &no) {
		return err
	}
	if err := l.s.refuse(ctx, actor, &x.envelope, Rejection{Place: no.path, Reason: no.why}); err != nil {
		return err
	}
	name, _, _ := strings.Cut(no.path, "[")
	return &hl7v2.Error{Code: hl7v2.CodeUnknownKey, Message: 1, Name: name, Reason: no.why}
}

// HandleTrouble answers a frame that is too large, and tells of the rest.
func (l *listener) HandleTrouble(_ context.Context, _ net.Addr, trouble *mllp.FrameError) []byte {
	l.config.Trouble("not a message: " + trouble.Error())
	if !errors.Is(trouble.Kind, mllp.ErrTooLarge) {
		return nil
	}
	header, ok := hl7v2.PeekHeader(trouble.Head)
	if !ok {
		return nil
	}
	return l.answer(header, &hl7v2.Error{Code: hl7v2.CodeDataType, Message: 1, Reason: "the message is larger than the limit"})
}

// answer writes the acknowledgement the sender asked for. In enhanced mode the
// accept acknowledgement goes out here; an application acknowledgement does if
// it is the only one wanted.
func (l *listener) answer(to hl7v2.Header, err error) []byte {
	good := err == nil
	accept := to.Enhanced() && to.WantsAccept(good)
	if !accept && !to.WantsApplication(good) {
		return nil
	}
	return hl7v2.Ack(to, hl7v2.Answer{
		Code: hl7v2.AckCodeFor(err, accept), ControlID: gate.NewID()[6:], Time: l.config.Now(), Err: err,
	})
}

// safe is what may be told of an error: that of a refused action says who and
// what, the rest only their kind.
func safe(err error) string {
	var denied *gate.Denied
	switch {
	case errors.As(err, &denied):
		return denied.Safe()
	case errors.Is(err, gate.ErrReadOnly):
		return "the department is read-only"
	case errors.Is(err, gate.ErrBusy):
		return "the store is busy"
	case errors.Is(err, gate.ErrClosed):
		return "the store is closed"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "it was stopped"
	}
	return "the store failed"
}

// messageTypes are the types of HL7 table 0076 that bring something of a chart.
var messageTypes = map[string]bool{
	"ADT": true, "BAR": true, "CCU": true, "DFT": true, "MDM": true, "OMG": true, "OMI": true, "OML": true, "ORM": true,
	"ORU": true, "OUL": true, "PGL": true, "PPR": true, "PTR": true, "RAS": true, "RDE": true, "RDS": true, "REF": true,
	"RGV": true, "RRI": true, "SIU": true, "VXU": true, "ORL": true, "RDY": true, "ORP": true,
}

// supported checks what a live interface takes in: message type, event,
// version and processing ID. Files are taken as they come.
func supported(m *hl7v2.Message, h hl7v2.Header) error {
	bad := func(code hl7v2.Code, field int, why string) error {
		return &hl7v2.Error{
			Code: code, Message: 1, Segment: 1, Name: "MSH", Occurrence: 1, Field: field, Line: m.Line(), Offset: m.Offset(), Reason: why,
		}
	}
	switch {
	case h.ControlID == "":
		return bad(hl7v2.CodeRequiredField, 10, "the message has no control ID")
	case !messageTypes[h.Type]:
		return bad(hl7v2.CodeUnsupportedType, 9, "the message type is not taken in")
	case h.Type == "ADT" && !adtEvent(h.Event):
		return bad(hl7v2.CodeUnsupportedEvent, 9, "the event is not one of ADT")
	case h.Type == "MDM" && (len(h.Event) != 3 || h.Event < "T01" || h.Event > "T11"):
		return bad(hl7v2.CodeUnsupportedEvent, 9, "the event is not one of MDM")
	case h.Version != "" && !strings.HasPrefix(h.Version, "2.") && h.Version != "2":
		return bad(hl7v2.CodeUnsupportedVersion, 12, "the version is not 2.x")
	case h.ProcessingID != "" && h.ProcessingID != "P" && h.ProcessingID != "T" && h.ProcessingID != "D":
		return bad(hl7v2.CodeUnsupportedProcess, 11, "the processing ID is not P, T or D")
	}
	return nil
}

// adtEvent reports whether an event is A01 to A62.
func adtEvent(event string) bool {
	return len(event) == 3 && event[0] == 'A' && event >= "A01" && event <= "A62"
}
