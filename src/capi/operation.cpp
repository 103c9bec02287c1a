// The functions under "Operation" in cariosan.h, which documents them.
#include <cariosan/adapters/sqlite.hpp>
#include <string>

#include "capi/calls.hpp"
#include "capi/options.hpp"
#include "core/propagate.hpp"

namespace {

using cariosan::Done;
using cariosan::Error;
using cariosan::ErrorCode;
using cariosan::Result;
using cariosan::capi::guarded;
using cariosan::capi::hand_out;
using cariosan::capi::Host;
using cariosan::capi::null_argument;
using cariosan::capi::with_host;

}  // namespace

cariosan_code cariosan_backup(cariosan_engine* engine, const char* path, cariosan_error** error) {
    return with_host(engine, {path}, error, [&](Host& host) { return host.engine().backup(path); });
}

cariosan_code cariosan_restore(const char* backup, const char* storage, cariosan_error** error) {
    return guarded(error, [&]() -> Result<Done> {
        if (backup == nullptr || storage == nullptr) return null_argument();
        CARIOSAN_TRY(const std::string path, cariosan::capi::sqlite_path(storage));
        if (path == ":memory:") return Error(ErrorCode::misuse, "a database in memory has no file to restore");
        return cariosan::restore_sqlite(backup, path);
    });
}

cariosan_code cariosan_rotate_epoch(cariosan_engine* engine, char** epoch, cariosan_error** error) {
    if (epoch != nullptr) *epoch = nullptr;
    return with_host(engine, {}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(const std::string rotated, host.engine().rotate_epoch());
        if (epoch != nullptr) hand_out(rotated, epoch, nullptr);
        return Done{};
    });
}

cariosan_code cariosan_export_open(cariosan_engine* engine, const char* workspace, const char* user, uint64_t* exporter,
                                   cariosan_error** error) {
    if (exporter != nullptr) *exporter = 0;
    return with_host(engine, {workspace, exporter}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(*exporter, host.open_export(workspace, user));
        return Done{};
    });
}

cariosan_code cariosan_export_next(cariosan_engine* engine, uint64_t exporter, char** lines, size_t* length,
                                   cariosan_error** error) {
    if (lines != nullptr) *lines = nullptr;
    if (length != nullptr) *length = 0;
    return with_host(engine, {lines}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(const auto piece, host.exports().next(exporter));
        if (piece) hand_out(*piece, lines, length);
        return Done{};
    });
}

cariosan_code cariosan_export_close(cariosan_engine* engine, uint64_t exporter, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.exports().remove(exporter); });
}

cariosan_code cariosan_import_open(cariosan_engine* engine, const char* options, uint64_t* importer, cariosan_error** error) {
    if (importer != nullptr) *importer = 0;
    return with_host(engine, {options, importer}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(*importer, host.open_import(options));
        return Done{};
    });
}

cariosan_code cariosan_import_push(cariosan_engine* engine, uint64_t importer, const void* bytes, size_t length,
                                   cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) -> Result<Done> {
        if (bytes == nullptr && length != 0) return null_argument();
        return host.imports().push(importer, {static_cast<const char*>(bytes), length});
    });
}

cariosan_code cariosan_import_run(cariosan_engine* engine, uint64_t importer, uint64_t ticket, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.run_import(importer, ticket); });
}

cariosan_code cariosan_import_close(cariosan_engine* engine, uint64_t importer, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.imports().close(importer); });
}

cariosan_code cariosan_metrics(cariosan_engine* engine, char** text, size_t* length, cariosan_error** error) {
    if (text != nullptr) *text = nullptr;
    if (length != nullptr) *length = 0;
    return with_host(engine, {text}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(const std::string metrics, host.metrics());
        hand_out(metrics, text, length);
        return Done{};
    });
}
