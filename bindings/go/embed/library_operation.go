package embed

/*
#include <cariosan/cariosan.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

// takeText copies what the library handed out, and frees it.
func takeText(text *C.char, length C.size_t) []byte {
	defer C.cariosan_free(text)
	return C.GoBytes(unsafe.Pointer(text), C.int(length))
}

func describe() ([]byte, error) {
	var text *C.char
	var length C.size_t
	var failed *C.cariosan_error
	if err := checked(C.cariosan_describe(&text, &length, &failed), failed); err != nil {
		return nil, err
	}
	return takeText(text, length), nil
}

func restore(backup, storage string) (err error) {
	withText([]string{backup, storage}, func(texts []*C.char) {
		var failed *C.cariosan_error
		code := C.cariosan_restore(texts[0], texts[1], &failed)
		err = checked(code, failed)
	})
	return err
}

func (e *Engine) backup(path string) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) (code C.cariosan_code) {
		withText([]string{path}, func(texts []*C.char) { code = C.cariosan_backup(engine, texts[0], failed) })
		return code
	})
}

func (e *Engine) rotateEpoch() (string, error) {
	var epoch *C.char
	err := e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_rotate_epoch(engine, &epoch, failed)
	})
	defer C.cariosan_free(epoch)
	return C.GoString(epoch), err
}

func (e *Engine) metrics() ([]byte, error) {
	var text *C.char
	var length C.size_t
	err := e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_metrics(engine, &text, &length, failed)
	})
	return takeText(text, length), err
}

// openExport opens an export of a workspace, or of a user if that is not empty.
func (e *Engine) openExport(workspace, user string) (uint64, error) {
	var number C.uint64_t
	err := e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) (code C.cariosan_code) {
		withText([]string{workspace, user}, func(texts []*C.char) {
			of := texts[1]
			if user == "" {
				of = nil
			}
			code = C.cariosan_export_open(engine, texts[0], of, &number, failed)
		})
		return code
	})
	return uint64(number), err
}

// readExport returns the next lines; none at the end.
func (e *Engine) readExport(export uint64) ([]byte, error) {
	var text *C.char
	var length C.size_t
	err := e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_export_next(engine, C.uint64_t(export), &text, &length, failed)
	})
	return takeText(text, length), err
}

func (e *Engine) closeExport(export uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_export_close(engine, C.uint64_t(export), failed)
	})
}

func (e *Engine) openImport(options string) (uint64, error) {
	var number C.uint64_t
	err := e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) (code C.cariosan_code) {
		withText([]string{options}, func(texts []*C.char) { code = C.cariosan_import_open(engine, texts[0], &number, failed) })
		return code
	})
	return uint64(number), err
}

func (e *Engine) pushImport(importer uint64, part []byte) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_import_push(engine, C.uint64_t(importer), unsafe.Pointer(unsafe.SliceData(part)), C.size_t(len(part)), failed)
	})
}

func (e *Engine) runImport(importer, ticket uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_import_run(engine, C.uint64_t(importer), C.uint64_t(ticket), failed)
	})
}

func (e *Engine) closeImport(importer uint64) error {
	return e.using(func(engine *C.cariosan_engine, failed **C.cariosan_error) C.cariosan_code {
		return C.cariosan_import_close(engine, C.uint64_t(importer), failed)
	})
}
