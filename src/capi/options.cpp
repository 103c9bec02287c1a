#include "capi/options.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/propagate.hpp"
#include "protocol/json/json_reader.hpp"

namespace cariosan::capi {
namespace {

namespace json = boost::json;

#ifdef CARIOSAN_C_POSTGRES
constexpr bool kHasPostgres = true;
#else
constexpr bool kHasPostgres = false;
#endif
#ifdef CARIOSAN_C_REDIS
constexpr bool kHasRedis = true;
#else
constexpr bool kHasRedis = false;
#endif

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

Error bad(std::string_view field, std::string_view what) {
    return invalid_field(std::string(field), std::string(field) + " must be " + std::string(what));
}

Result<Done> read(std::string_view field, const json::value& value, std::string& out) {
    const json::string* text = value.if_string();
    if (text == nullptr) return bad(field, "a string");
    out = view(*text);
    return Done{};
}

Result<Done> read(std::string_view field, const json::value& value, bool& out) {
    const bool* given = value.if_bool();
    if (given == nullptr) return bad(field, "true or false");
    out = *given;
    return Done{};
}

Result<Done> read(std::string_view field, const json::value& value, std::vector<std::string>& out) {
    const json::array* array = value.if_array();
    if (array == nullptr) return bad(field, "an array of strings");
    out.clear();
    for (const json::value& element : *array) {
        const json::string* text = element.if_string();
        if (text == nullptr) return bad(field, "an array of strings");
        out.emplace_back(view(*text));
    }
    return Done{};
}

/// Far above any sensible setting, and small enough that sums and products do not overflow.
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

template <class Integer>
Result<Done> read_integer(std::string_view field, const json::value& value, std::int64_t least,
                          Integer& out) {
    const std::int64_t* number = value.if_int64();
    if (number == nullptr || *number < least || *number > kLargest) {
        return bad(field, "an integer from " + std::to_string(least) + " to " + std::to_string(kLargest));
    }
    out = static_cast<Integer>(*number);
    return Done{};
}

Result<Done> read(std::string_view field, const json::value& value, std::size_t& out) {
    return read_integer(field, value, 1, out);
}

Result<Done> read(std::string_view field, const json::value& value, std::chrono::seconds& out) {
    std::int64_t seconds = 0;
    auto done = read_integer(field, value, 1, seconds);
    if (done) out = std::chrono::seconds(seconds);
    return done;
}

template <class T>
struct NumberField {
    std::string_view name;
    std::int64_t T::*member;
};

constexpr NumberField<Limits> kLimits[] = {
    {"message_bytes", &Limits::message_bytes},
    {"mentions", &Limits::mentions},
    {"mention_spans", &Limits::mention_spans},
    {"emoji_per_message", &Limits::emoji_per_message},
    {"emoji_bytes", &Limits::emoji_bytes},
    {"metadata_bytes", &Limits::metadata_bytes},
    {"metadata_depth", &Limits::metadata_depth},
    {"name_bytes", &Limits::name_bytes},
    {"external_id_bytes", &Limits::external_id_bytes},
    {"idempotency_key_bytes", &Limits::idempotency_key_bytes},
    {"url_bytes", &Limits::url_bytes},
    {"page", &Limits::page},
    {"attachment_bytes", &Limits::attachment_bytes},
    {"members_per_channel", &Limits::members_per_channel},
    {"memberships_per_user", &Limits::memberships_per_user},
    {"members_per_call", &Limits::members_per_call},
    {"delivered_channels", &Limits::delivered_channels},
    {"members_shown", &Limits::members_shown},
    {"shared_receipts", &Limits::shared_receipts},
    {"pins_per_channel", &Limits::pins_per_channel},
    {"report_note_bytes", &Limits::report_note_bytes},
    {"slow_mode_seconds", &Limits::slow_mode_seconds},
    {"typing_members", &Limits::typing_members},
    {"changed_objects", &Limits::changed_objects},
    {"history_stretch", &Limits::history_stretch},
    {"large_channel", &Limits::large_channel},
    {"presence_members", &Limits::presence_members},
    {"presence_channels", &Limits::presence_channels},
    {"presence_users", &Limits::presence_users},
    {"presence_subscriptions", &Limits::presence_subscriptions},
    {"devices_per_user", &Limits::devices_per_user},
    {"pushed_members", &Limits::pushed_members},
    {"blocks_per_user", &Limits::blocks_per_user},
    {"webhooks_per_workspace", &Limits::webhooks_per_workspace},
    {"blocklist_terms", &Limits::blocklist_terms},
    {"blocklist_term_code_points", &Limits::blocklist_term_code_points},
    {"query_bytes", &Limits::query_bytes},
    {"query_terms", &Limits::query_terms},
    {"search_steps", &Limits::search_steps},
    {"request_head_bytes", &Limits::request_head_bytes},
    {"request_head_fields", &Limits::request_head_fields},
    {"request_body_bytes", &Limits::request_body_bytes},
    {"client_frame_bytes", &Limits::client_frame_bytes},
    {"connections_per_user", &Limits::connections_per_user},
};
// Every limit is listed except `incomplete_message`.
static_assert(sizeof(Limits) == (std::size(kLimits) + 1) * sizeof(std::int64_t));

constexpr NumberField<Rates> kRates[] = {
    {"sends_per_minute", &Rates::sends_per_minute},
    {"writes_per_minute", &Rates::writes_per_minute},
    {"reads_per_second", &Rates::reads_per_second},
    {"searches_per_second", &Rates::searches_per_second},
    {"backend_requests_per_second", &Rates::backend_requests_per_second},
    {"failed_logins_per_minute", &Rates::failed_logins_per_minute},
    {"frames_per_second", &Rates::frames_per_second},
};
// Every rate is listed, besides `enabled`.
static_assert(sizeof(Rates) == (std::size(kRates) + 1) * sizeof(std::int64_t));

Error unknown(const std::string& field) {
    return invalid_field(field, "there is no option \"" + field + "\"");
}

/// Reads an object of whole numbers, each at least `least`.
template <class T, std::size_t N>
Result<Done> read_numbers(const std::string& field, const json::value& value,
                          const NumberField<T> (&known)[N], std::int64_t least, T& out) {
    const json::object* object = value.if_object();
    if (object == nullptr) return bad(field, "an object");
    for (const auto& member : *object) {
        const std::string_view name(member.key().data(), member.key().size());
        const std::string path = field + "." + std::string(name);
        const auto* found = std::ranges::find(known, name, &NumberField<T>::name);
        if (found == std::end(known)) return unknown(path);
        if (auto done = read_integer(path, member.value(), least, out.*(found->member)); !done) return done;
    }
    return Done{};
}

Result<Done> read_storage(const json::value& value, Options& options) {
    const json::string* text = value.if_string();
    const std::string_view storage = text == nullptr ? std::string_view() : view(*text);
    if (storage.starts_with("postgres://") || storage.starts_with("postgresql://")) {
        if (!kHasPostgres) return invalid_field("storage", "this library was built without PostgreSQL");
        options.postgres_url = storage;
        return Done{};
    }
    CARIOSAN_TRY(options.sqlite_path, sqlite_path(storage));
    return Done{};
}

Result<Done> read_redis(const json::value& value, Options& options) {
    if (!kHasRedis) return invalid_field("redis", "this library was built without Redis");
    return read("redis", value, options.redis_url);
}

Result<Done> read_secret(std::string_view field, const json::value& value, std::string& out) {
    constexpr std::size_t kLeast = 32;
    auto done = read(field, value, out);
    if (done && out.size() < kLeast) return bad(field, "at least 32 bytes long");
    return done;
}

Result<Done> read_limits(const json::value& value, Options& options) {
    return read_numbers("limits", value, kLimits, 1, options.engine.limits);
}

Result<Done> read_rates(const json::value& value, Options& options) {
    if (value.is_object()) return read_numbers("rates", value, kRates, 0, options.engine.rates);
    const bool* enabled = value.if_bool();
    if (enabled == nullptr) return bad("rates", "an object, or false");
    options.engine.rates.enabled = *enabled;
    return Done{};
}

Result<Done> read_webhooks(const json::value& value, Options& options) {
    options.webhooks_given = true;
    if (const bool* delivers = value.if_bool(); delivers != nullptr && !*delivers) {
        options.delivers_webhooks = false;
        return Done{};
    }
    const json::object* object = value.if_object();
    if (object == nullptr) return bad("webhooks", "an object, or false");
    for (const auto& member : *object) {
        const std::string path = "webhooks." + std::string(member.key());
        if (path != "webhooks.allow_private") return unknown(path);
        CARIOSAN_TRY_DONE(read(path, member.value(), options.webhook_allow_private));
    }
    return Done{};
}

/// Reads an option that is an object of texts.
template <class Target>
struct TextField {
    std::string_view name;
    std::string Target::*member;
};

constexpr TextField<S3Options> kS3[] = {{"endpoint", &S3Options::endpoint},
                                        {"region", &S3Options::region},
                                        {"bucket", &S3Options::bucket},
                                        {"access_key", &S3Options::access_key},
                                        {"secret_key", &S3Options::secret_key},
                                        {"session_token", &S3Options::session_token},
                                        {"public_url", &S3Options::public_url}};

constexpr TextField<FolderOptions> kFiles[] = {{"path", &FolderOptions::path}, {"public_url", &FolderOptions::public_url}};

constexpr TextField<FcmOptions> kFcm[] = {{"service_account", &FcmOptions::service_account},
                                          {"project_id", &FcmOptions::project_id},
                                          {"base_url", &FcmOptions::base_url}};

template <class Target, std::size_t Count>
Result<Done> read_texts(std::string_view option, const json::value& value, const TextField<Target> (&fields)[Count],
                        std::optional<Target>& target) {
    const json::object* object = value.if_object();
    if (object == nullptr) return bad(option, "an object");
    target.emplace();
    for (const auto& member : *object) {
        const std::string_view name(member.key().data(), member.key().size());
        const std::string path = std::string(option) + "." + std::string(name);
        const auto* found = std::ranges::find(fields, name, &TextField<Target>::name);
        if (found == std::end(fields)) return unknown(path);
        if (auto done = read(path, member.value(), (*target).*(found->member)); !done) return done;
    }
    return Done{};
}

/// Takes out the one member of an object that is no text. Nothing if it is not there.
std::optional<json::value> take(json::value& value, std::string_view name) {
    json::object* object = value.if_object();
    json::value* member = object == nullptr ? nullptr : object->if_contains(name);
    if (member == nullptr) return std::nullopt;
    json::value taken = std::move(*member);
    object->erase(name);
    return taken;
}

Result<Done> read_s3(json::value value, Options& options) {
    S3Addressing addressing = S3Addressing::automatic;
    if (const auto named = take(value, "addressing")) {
        if (*named == "path") addressing = S3Addressing::path;
        else if (*named == "virtual_host") addressing = S3Addressing::virtual_host;
        else if (*named != "automatic") return bad("s3.addressing", "automatic, path or virtual_host");
    }
    CARIOSAN_TRY_DONE(read_texts("s3", value, kS3, options.s3));
    options.s3->addressing = addressing;
    return Done{};
}

Result<Done> read_files(json::value value, Options& options) {
    std::int64_t quota = 0;
    if (const auto given = take(value, "quota_bytes")) {
        CARIOSAN_TRY_DONE(read_integer("files.quota_bytes", *given, 0, quota));
    }
    CARIOSAN_TRY_DONE(read_texts("files", value, kFiles, options.files));
    options.files->quota_bytes = quota;
    return Done{};
}

Result<Done> read_log(const json::value& value, Options& options) {
    const json::string* text = value.if_string();
    const std::string_view name = text == nullptr ? std::string_view() : view(*text);
    if (name == "off") {
        options.log.reset();
        return Done{};
    }
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (name != to_string(level)) continue;
        options.log = level;
        return Done{};
    }
    return bad("log", "\"off\", \"debug\", \"info\", \"warning\" or \"error\"");
}

Result<Done> read_late(const json::value& value, EngineOptions& engine) {
    if (value != "deliver" && value != "refuse") return bad("moderator_late", "\"deliver\" or \"refuse\"");
    engine.moderator_late = value == "refuse" ? LateVerdict::refuse : LateVerdict::deliver;
    return Done{};
}

Result<Done> read_slow(std::string_view field, const json::value& value, EngineOptions& engine) {
    std::int64_t milliseconds = 0;
    CARIOSAN_TRY_DONE(read_integer(field, value, 0, milliseconds));
    engine.slow_command = std::chrono::milliseconds(milliseconds);
    return Done{};
}

/// How a host's moderator is asked.
Result<Done> read_deadline(std::string_view field, const json::value& value, EngineOptions& engine) {
    std::int64_t milliseconds = 0;
    CARIOSAN_TRY_DONE(read_integer(field, value, 1, milliseconds));
    constexpr std::int64_t kLongest = 60'000;
    if (milliseconds > kLongest) return bad(field, "at most a minute");
    engine.moderator_deadline = std::chrono::milliseconds(milliseconds);
    return Done{};
}

Result<Done> read_member(std::string_view name, const json::value& value, Options& options) {
    EngineOptions& engine = options.engine;
    GatewayOptions& gateway = options.gateway;
    if (name == "storage") return read_storage(value, options);
    if (name == "prepared_statements") return read(name, value, options.prepared_statements);
    if (name == "redis") return read_redis(value, options);
    if (name == "jwt_secret") return read_secret(name, value, gateway.jwt_secret);
    if (name == "jwt_secret_previous") return read_secret(name, value, gateway.jwt_secret_previous);
    if (name == "jwt_issuer") return read(name, value, gateway.jwt_issuer);
    if (name == "jwt_ttl_seconds") return read(name, value, gateway.jwt_ttl);
    if (name == "allowed_origins") return read(name, value, gateway.allowed_origins);
    if (name == "trusted_proxies") return read(name, value, gateway.trusted_proxies);
    if (name == "metrics_token") return read(name, value, gateway.metrics_token);
    if (name == "limits") return read_limits(value, options);
    if (name == "rates") return read_rates(value, options);
    if (name == "max_backlog_bytes") return read(name, value, gateway.max_backlog_bytes);
    if (name == "max_total_backlog_bytes") return read(name, value, gateway.max_total_backlog_bytes);
    if (name == "max_waiting_requests") return read(name, value, gateway.max_waiting_requests);
    if (name == "s3") return read_s3(value, options);
    if (name == "files") return read_files(value, options);
    if (name == "fcm") return read_texts(name, value, kFcm, options.fcm);
    if (name == "attachment_types") return read(name, value, engine.attachment_types);
    if (name == "reader_threads") {
        options.reader_threads_given = true;
        return read(name, value, engine.reader_threads);
    }
    if (name == "max_queued_commands") return read(name, value, engine.max_queued_commands);
    if (name == "max_batch") return read(name, value, engine.max_batch);
    if (name == "max_tickets") return read(name, value, options.max_tickets);
    if (name == "moderator_deadline_ms") return read_deadline(name, value, engine);
    if (name == "moderator_late") return read_late(value, engine);
    if (name == "max_moderator_drafts") return read(name, value, engine.max_moderator_drafts);
    if (name == "webhooks") return read_webhooks(value, options);
    if (name == "log") return read_log(value, options);
    if (name == "slow_command_ms") return read_slow(name, value, engine);
    return unknown(std::string(name));
}

}  // namespace

Result<std::string> sqlite_path(std::string_view storage) {
    constexpr std::string_view kScheme = "sqlite:";
    if (!storage.starts_with(kScheme) || storage.size() == kScheme.size()) {
        return bad("storage", "\"sqlite:\" and the path of a file, or \"sqlite::memory:\", or \"postgres://\" and a database");
    }
    return std::string(storage.substr(kScheme.size()));
}

Result<Options> parse_options(std::string_view text) {
    protocol::JsonDocument document;
    CARIOSAN_TRY_DONE(document.parse(text));
    const json::object* object = document.root().if_object();
    if (object == nullptr) return bad("options", "a JSON object");
    Options options;
    for (const auto& member : *object) {
        const std::string_view name(member.key().data(), member.key().size());
        CARIOSAN_TRY_DONE(read_member(name, member.value(), options));
    }
    if (options.sqlite_path.empty() && options.postgres_url.empty()) return invalid_field("storage", "storage is missing");
    if (!options.redis_url.empty() && options.postgres_url.empty()) {
        return invalid_field("redis", "redis joins engines that share a PostgreSQL database; a SQLite file belongs to one");
    }
    if (options.s3 && options.files) return invalid_field("files", "files are in a bucket (s3) or in a folder (files), not in both");
    return options;
}

}  // namespace cariosan::capi
