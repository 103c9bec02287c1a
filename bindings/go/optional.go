package cariosan

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// An Optional is a field that may be absent, null, or a value. The zero Optional is absent. In a patch absent keeps
// what is there and null clears it; in an answer null is what the field's documentation says.
type Optional[T any] struct {
	value T
	state optionalState
}

type optionalState uint8

const (
	absent optionalState = iota
	null
	present
)

// Set is the Optional that holds this value.
func Set[T any](value T) Optional[T] { return Optional[T]{value: value, state: present} }

// Null is the Optional that is null: Null[string]() in a patch clears a text.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value, and whether there is one.
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == present }

// Or returns the value, or fallback if there is none.
func (o Optional[T]) Or(fallback T) T {
	if o.state == present {
		return o.value
	}
	return fallback
}

// IsNull reports whether it is null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsAbsent reports whether it is neither null nor a value.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// MarshalJSON writes the value, and null if there is none. Patches leave out what is absent.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads null or a value.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	var value T
	if bytes.Equal(data, []byte("null")) {
		*o = Null[T]()
		return nil
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*o = Set(value)
	return nil
}

// marshalPatch writes a struct of fields, of which absent Optionals are left out, and those tagged omitempty if zero.
// (encoding/json has omitzero for this only from Go 1.24 on.)
func marshalPatch(patch any) ([]byte, error) {
	value := reflect.ValueOf(patch)
	out := append(make([]byte, 0, 256), '{')
	for i := range value.NumField() {
		field := value.Field(i)
		// The only structs here are Optionals, and a zero one is absent.
		if field.Kind() == reflect.Struct && field.IsZero() {
			continue
		}
		name, option, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if option == "omitempty" && field.IsZero() {
			continue
		}
		text, err := json.Marshal(field.Interface())
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), name...), `":`...)
		out = append(out, text...)
	}
	return append(out, '}'), nil
}
