package embed

/*
#cgo pkg-config: cariosan
#include <cariosan/cariosan_parts.h>
#include <stdlib.h>

void cariosanGoJudge(uintptr_t moderator, uint64_t ticket, char* draft, size_t length);

static void judge(void* context, uint64_t ticket, const char* draft, size_t length) {
	cariosanGoJudge((uintptr_t)context, ticket, (char*)draft, length);
}

// A handle of Go, which is a number, stands for the moderator; 0: there is none.
static cariosan_code open_with(const char* options, uintptr_t moderator, cariosan_engine** engine, cariosan_error** error) {
	const cariosan_moderator_part part = {.size = sizeof part, .version = CARIOSAN_PART_VERSION, .context = (void*)moderator, .judge = judge};
	const cariosan_parts parts = {.size = sizeof parts, .moderator = moderator != 0 ? &part : NULL};
	return cariosan_open_with(CARIOSAN_ABI_VERSION, options, &parts, engine, error);
}
*/
import "C"

import (
	"encoding/json"
	"net/http"
	"runtime/cgo"
	"unsafe"
)

// The kinds of items that are handled here; cariosan.h says what each holds.
const (
	itemResult   = C.CARIOSAN_ITEM_RESULT
	itemEvent    = C.CARIOSAN_ITEM_EVENT
	itemResponse = C.CARIOSAN_ITEM_RESPONSE
	itemAdmitted = C.CARIOSAN_ITEM_ADMITTED
	itemRefused  = C.CARIOSAN_ITEM_REFUSED
	itemText     = C.CARIOSAN_ITEM_TEXT
	itemClose    = C.CARIOSAN_ITEM_CLOSE
	itemLog      = C.CARIOSAN_ITEM_LOG
	itemPing     = C.CARIOSAN_ITEM_PING
	itemBody     = C.CARIOSAN_ITEM_BODY
	itemProgress = C.CARIOSAN_ITEM_PROGRESS
)

// item is a copy of what cariosan_poll handed out.
type item struct {
	kind   int
	ticket uint64
	handle uint64
	status int
	data   []byte
	header http.Header
	err    error
}

func takeItem(from *C.cariosan_item) item {
	defer C.cariosan_item_free(from)
	taken := item{
		kind:   int(C.cariosan_item_kind(from)),
		ticket: uint64(C.cariosan_item_ticket(from)),
		handle: uint64(C.cariosan_item_handle(from)),
		status: int(C.cariosan_item_status(from)),
		data:   C.GoBytes(unsafe.Pointer(C.cariosan_item_data(from)), C.int(C.cariosan_item_length(from))),
	}
	if code := C.cariosan_item_code(from); code != C.CARIOSAN_OK {
		taken.err = errorOf(code, C.cariosan_item_error(from))
	}
	if count := C.cariosan_item_header_count(from); count > 0 {
		taken.header = make(http.Header, int(count))
		for i := C.size_t(0); i < count; i++ {
			taken.header.Add(C.GoString(C.cariosan_item_header_name(from, i)), C.GoString(C.cariosan_item_header_value(from, i)))
		}
	}
	return taken
}

func errorOf(code C.cariosan_code, from *C.cariosan_error) *Error {
	if from == nil {
		return &Error{Code: "INTERNAL", Message: "there was no memory to say more", Details: json.RawMessage("{}")}
	}
	return &Error{
		Code:      C.GoString(C.cariosan_error_name(from)),
		Message:   C.GoString(C.cariosan_error_message(from)),
		Details:   json.RawMessage(C.GoString(C.cariosan_error_details(from))),
		Retryable: C.cariosan_error_retryable(from) != 0,
	}
}

// checked turns the result of a call into an error, and frees what the call returned.
func checked(code C.cariosan_code, from *C.cariosan_error) error {
	if code == C.CARIOSAN_OK {
		return nil
	}
	defer C.cariosan_error_free(from)
	return errorOf(code, from)
}

// using calls into the library while the engine exists.
func (e *Engine) using(call func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code) error {
	e.alive.RLock()
	defer e.alive.RUnlock()
	if e.handle == nil {
		return errClosed
	}
	var failed *C.cariosan_error
	return checked(call((*C.cariosan_engine)(e.handle), &failed), failed)
}

// withText calls with copies of texts that end with NUL.
func withText(texts []string, call func(copies []*C.char)) {
	copies := make([]*C.char, len(texts))
	for i, text := range texts {
		copies[i] = C.CString(text)
	}
	defer func() {
		for _, each := range copies {
			C.free(unsafe.Pointer(each))
		}
	}()
	call(copies)
}

func open(options string, moderator cgo.Handle) (unsafe.Pointer, error) {
	var engine *C.cariosan_engine
	var failed *C.cariosan_error
	var code C.cariosan_code
	withText([]string{options}, func(texts []*C.char) {
		code = C.open_with(texts[0], C.uintptr_t(moderator), &engine, &failed)
	})
	return unsafe.Pointer(engine), checked(code, failed)
}

// poll waits for the next item. False once the engine is closed and everything was handed out.
func (e *Engine) poll() (item, bool) {
	var next *C.cariosan_item
	err := e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_poll(engine, -1, &next, failed)
	})
	if err != nil {
		return item{}, false
	}
	if next == nil {
		return item{}, true
	}
	return takeItem(next), true
}

func (e *Engine) close(deadline uint32) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_close(engine, C.uint32_t(deadline), failed)
	})
}

func (e *Engine) free() {
	e.alive.Lock()
	defer e.alive.Unlock()
	C.cariosan_engine_free((*C.cariosan_engine)(e.handle))
	e.handle = nil
}

func (e *Engine) answer(ticket uint64, verdict string) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) (code C.cariosan_code) {
		withText([]string{verdict}, func(texts []*C.char) { code = C.cariosan_answer(engine, C.uint64_t(ticket), texts[0], failed) })
		return code
	})
}

func (e *Engine) call(caller, name, fields string, ticket uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) (code C.cariosan_code) {
		withText([]string{caller, name, fields}, func(texts []*C.char) {
			code = C.cariosan_call(engine, texts[0], texts[1], texts[2], C.uint64_t(ticket), failed)
		})
		return code
	})
}

func (e *Engine) subscribe(workspace string) (subscription uint64, err error) {
	err = e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) (code C.cariosan_code) {
		withText([]string{workspace}, func(texts []*C.char) {
			var number C.uint64_t
			code = C.cariosan_subscribe(engine, texts[0], &number, failed)
			subscription = uint64(number)
		})
		return code
	})
	return subscription, err
}

func (e *Engine) unsubscribe(subscription uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_unsubscribe(engine, C.uint64_t(subscription), failed)
	})
}

// head is the beginning of a request, as the library takes it.
type head struct {
	method, target, address string
	header                  http.Header
	host                    string
	secure                  bool
}

func (h head) pass(call func(target *C.char, headers **C.char, count C.size_t, address *C.char, flags C.uint32_t, method *C.char) C.cariosan_code) (code C.cariosan_code) {
	texts := []string{h.method, h.target, h.address, "Host", h.host} // net/http takes the host out of the headers
	for name, values := range h.header {
		for _, value := range values {
			texts = append(texts, name, value)
		}
	}
	var flags C.uint32_t
	if h.secure {
		flags = C.CARIOSAN_SECURE
	}
	withText(texts, func(copies []*C.char) {
		// The list itself is handed to C, which must not see memory of Go that holds pointers of Go: these are C's.
		headers := copies[3:]
		code = call(copies[1], &headers[0], C.size_t(len(headers)/2), copies[2], flags, copies[0])
	})
	return code
}

func (e *Engine) beginRequest(h head, ticket uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return h.pass(func(target *C.char, headers **C.char, count C.size_t, address *C.char, flags C.uint32_t, method *C.char) C.cariosan_code {
			return C.cariosan_http_begin(engine, method, target, headers, count, address, flags, C.uint64_t(ticket), failed)
		})
	})
}

func (e *Engine) openSession(h head, ticket uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return h.pass(func(target *C.char, headers **C.char, count C.size_t, address *C.char, flags C.uint32_t, _ *C.char) C.cariosan_code {
			return C.cariosan_session_open(engine, target, headers, count, address, flags, C.uint64_t(ticket), failed)
		})
	})
}

func (e *Engine) passBody(request uint64, part []byte, last bool) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		var ends C.int32_t
		if last {
			ends = 1
		}
		return C.cariosan_http_body(engine, C.uint64_t(request), unsafe.Pointer(unsafe.SliceData(part)), C.size_t(len(part)), ends, failed)
	})
}

func (e *Engine) giveUp(request uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_http_give_up(engine, C.uint64_t(request), failed)
	})
}

func (e *Engine) receiveText(session uint64, text []byte) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_session_receive(engine, C.uint64_t(session), (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), C.size_t(len(text)), failed)
	})
}

func (e *Engine) sessionAlive(session uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_session_alive(engine, C.uint64_t(session), failed)
	})
}

func (e *Engine) sessionBacklog(session uint64, bytes int) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_session_backlog(engine, C.uint64_t(session), C.size_t(bytes), failed)
	})
}

func (e *Engine) sessionClosed(session uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_session_closed(engine, C.uint64_t(session), failed)
	})
}

func (e *Engine) drain(milliseconds uint32) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_drain(engine, C.uint32_t(milliseconds), failed)
	})
}
