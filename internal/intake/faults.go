package intake

import (
	"errors"

	"chartroom/wire/hl7v2"
)

// fault notes the fields that an error says could not be read: they are left
// empty, the rest of the message is taken in, and who sent it is told.
func (x *hl7Message) fault(err error) {
	for _, e := range fieldErrors(err) {
		if len(x.told) < maxTold {
			x.told = append(x.told, Rejection{Place: hl7Place(e), Reason: e.Reason + "; the field is left empty"})
		}
	}
}

// maxTold bounds what is told of one message.
const maxTold = 100

// fieldErrors takes joined errors apart.
func fieldErrors(err error) []*hl7v2.Error {
	if err == nil {
		return nil
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var found []*hl7v2.Error
		for _, one := range all.Unwrap() {
			found = append(found, fieldErrors(one)...)
		}
		return found
	}
	if e, ok := errors.AsType[*hl7v2.Error](err); ok {
		return []*hl7v2.Error{e}
	}
	return nil
}

// decisive splits off the first error of a field that decides whose record or
// which encounter it is: there an empty field would be a wrong one, and the
// message is refused with the place. The others are noted.
func (x *hl7Message) decisive(seg hl7v2.Segment, err error, used bool, fields ...int) error {
	for _, e := range fieldErrors(err) {
		for _, n := range fields {
			if used && e.Field == n {
				return &refusal{path: pathOf(seg) + ", field " + itoa(n), why: e.Reason}
			}
		}
	}
	x.fault(err)
	return nil
}
