package cariosan

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// NewIdempotencyKey makes a UUID of version 7: unique, and in the order of time. Make one when something is to be sent,
// keep it with the message, and send again under the same key if it is not known whether the first time succeeded.
// [Client.SendMessage] makes its own where it gets none.
func NewIdempotencyKey() string {
	var id [16]byte
	// A key has to be unique, not secret.
	binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	milliseconds := uint64(time.Now().UnixMilli())
	for i := range 6 {
		id[i] = byte(milliseconds >> (40 - 8*i))
	}
	id[6] = 0x70 | id[6]&0x0F
	id[8] = 0x80 | id[8]&0x3F
	var text [36]byte
	position := 0
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[position] = '-'
			position++
		}
		hex.Encode(text[position:], []byte{b})
		position += 2
	}
	return string(text[:])
}
