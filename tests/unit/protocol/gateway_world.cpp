#include "unit/protocol/gateway_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <charconv>

#include "protocol/json/json_writer.hpp"

namespace cariosan::test {
namespace {

namespace json = boost::json;

/// A test that waits this long for something has failed.
constexpr std::chrono::seconds kPatience{60};

HttpRequest make_request(std::string_view method, std::string_view target, std::string_view body) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.remote_address = "192.0.2.1";
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    return request;
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string out;
    protocol::append_json_string(out, text);
    return out;
}

void RecordingSink::send(const FrameRef& frame) {
    for (const std::string_view payload : payloads(*frame)) texts.emplace_back(payload);
    if (!reads_) backlog_ += frame->bytes.size();
}

void RecordingSink::close(std::uint16_t code, std::string_view) {
    if (close_code == 0) close_code = code;
    if (code == cariosan::close_code::kSlow) backlog_ = 0;
}

std::string_view Reply::header(std::string_view name) const {
    const auto found = std::ranges::find(headers, name, &HttpHeader::name);
    return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string Reply::code() const { return text_at(body, "error.code"); }

GatewayWorld::GatewayWorld(Options options)
    : clock_(options.clock ? options.clock : std::make_shared<ManualClock>()) {
    if (options.joins != nullptr) {
        storage_ = options.joins->storage_;
    } else {
        // In memory, writers would wait for a read that is held back.
        if (options.held_count) folder_ = std::make_unique<TemporaryFolder>();
        auto storage = options.open_storage ? options.open_storage(clock_)
                                            : open_sqlite({.path = folder_ ? *folder_ / "data.db" : ":memory:", .clock = clock_});
        REQUIRE(storage);
        storage_ = std::make_shared<SharedStorage::Shared>(std::move(*storage));
    }
    EngineOptions engine_options;
    engine_options.storage = std::make_unique<SharedStorage>(storage_);
    if (options.held_count) {
        engine_options.storage = std::make_unique<HeldCountStorage>(std::move(engine_options.storage), options.held_count);
    }
    engine_options.event_bus = options.event_bus;
    engine_options.coordination = options.coordination;
    engine_options.crypto = openssl_crypto();
    engine_options.clock = clock_;
    engine_options.limits = options.limits;
    engine_options.attachments = options.attachments;
    engine_options.rates = options.rates;
    engine_options.log = options.log;
    engine_options.log_level = options.log_level;
    engine_options.max_queued_commands = options.max_queued_commands;
    auto engine = Engine::open(std::move(engine_options));
    REQUIRE(engine);
    engine_ = std::move(*engine);
    if (options.gateway.jwt_secret.empty())
        options.gateway.jwt_secret = "a secret of the tests, 32 bytes long";
    auto gateway = Gateway::create(*engine_, std::move(options.gateway));
    REQUIRE(gateway);
    gateway_ = std::move(*gateway);
    lane_ = gateway_->make_lane([this] {
        const std::lock_guard lock(mutex_);
        awake_ = true;
        wakened_.notify_one();
    });
    if (options.joins != nullptr) {
        workspace_ = options.joins->workspace_;
        return;
    }
    auto workspace = engine_->run(Caller::host(), CreateWorkspace{.name = "Shop"});
    REQUIRE(workspace);
    workspace_ = std::move(*workspace);
}

GatewayWorld::~GatewayWorld() {
    lane_.reset();
    gateway_.reset();
    engine_.reset();
}

void GatewayWorld::run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        {
            std::unique_lock lock(mutex_);
            REQUIRE(wakened_.wait_until(lock, deadline, [this] { return awake_; }));
            awake_ = false;
        }
        lane_->run();
    }
}

void GatewayWorld::run_briefly() {
    {
        std::unique_lock lock(mutex_);
        wakened_.wait_for(lock, std::chrono::milliseconds(5), [this] { return awake_; });
        awake_ = false;
    }
    lane_->run();
}

Reply GatewayWorld::request(HttpRequest request) {
    std::optional<HttpResponse> response;
    gateway_->handle(*lane_, std::move(request), [&](HttpResponse answer) { response = std::move(answer); });
    run_until([&] { return response.has_value(); });
    for (bool more = static_cast<bool>(response->next_part); more;) {
        std::optional<BodyPart> part;
        response->next_part([&](BodyPart next) { part = std::move(next); });
        run_until([&] { return part.has_value(); });
        REQUIRE(part->ok());
        more = (*part)->has_value();
        if (more) response->body += ***part;
    }
    Reply reply{.status = response->status,
                .headers = std::move(response->headers),
                .body = {},
                .text = response->body};
    json::error_code error;
    reply.body = json::parse(reply.text, error);
    return reply;
}

Reply GatewayWorld::backend(std::string_view method, std::string_view target, std::string_view body) {
    return request(backend_request(method, target, body));
}

HttpRequest GatewayWorld::backend_request(std::string_view method, std::string_view target, std::string_view body) const {
    HttpRequest made = make_request(method, target, body);
    made.headers.push_back({"Authorization", "Bearer " + workspace_.api_key + ":" + workspace_.api_secret});
    return made;
}

Reply GatewayWorld::user(std::string_view external_id, std::string_view method, std::string_view target,
                         std::string_view body) {
    HttpRequest made = make_request(method, target, body);
    made.headers.push_back({"Authorization", "Bearer " + token(external_id)});
    return request(std::move(made));
}

std::string GatewayWorld::token(std::string_view external_id) {
    auto found = engine_->run(Caller::backend(workspace_.id), GetUser{.user = std::string(external_id)});
    REQUIRE(found);
    return gateway_->issue_token(workspace_.id, *found, std::chrono::hours(1));
}

std::string GatewayWorld::user_id(std::string_view external_id) {
    return text_at(backend("GET", "/v1/users/" + std::string(external_id)).body, "id");
}

std::string GatewayWorld::channel_id(std::string_view external_id) {
    return text_at(backend("GET", "/v1/channels/" + std::string(external_id)).body, "id");
}

void GatewayWorld::make_user(std::string_view external_id, std::string_view name) {
    const auto made = backend(
        "POST", "/v1/users", R"({"external_id":)" + json_string(external_id) + R"(,"name":)" + json_string(name) + "}");
    REQUIRE(made.status == 201);
}

void GatewayWorld::make_group(std::string_view external_id, const std::vector<std::string>& members) {
    std::string list;
    protocol::write_array(list, members,
                          [](std::string& out, const std::string& member) { out += json_string(member); });
    const auto made = backend("POST", "/v1/channels",
                              R"({"type":"group","external_id":)" + json_string(external_id) +
                                  R"(,"name":"A group","member_external_ids":)" + list + "}");
    REQUIRE(made.status == 201);
}

RequestOutcome GatewayWorld::begin(HttpRequest head) {
    std::optional<RequestOutcome> outcome;
    gateway_->begin(*lane_, std::move(head), [&](RequestOutcome answer) { outcome = std::move(answer); });
    run_until([&] { return outcome.has_value(); });
    return std::move(*outcome);
}

UpgradeOutcome GatewayWorld::admit(HttpRequest request) {
    std::optional<UpgradeOutcome> outcome;
    gateway_->admit(*lane_, request, [&](UpgradeOutcome answer) { outcome = std::move(answer); });
    run_until([&] { return outcome.has_value(); });
    return std::move(*outcome);
}

UpgradeOutcome GatewayWorld::admit_token(std::string_view token) {
    HttpRequest made = make_request("GET", "/v1/ws", "");
    made.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.jwt." + std::string(token)});
    return admit(std::move(made));
}

UpgradeOutcome GatewayWorld::admit_versioned(std::string_view token) {
    HttpRequest made = make_request("GET", "/v1/ws", "");
    made.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.v1, cariosan.jwt." + std::string(token)});
    return admit(std::move(made));
}

TestClient::TestClient(GatewayWorld& world, std::string_view external_id)
    : TestClient(world, world.admit_token(world.token(external_id)).admission) {
    world_.run_until([&] { return !sink_.texts.empty() || sink_.close_code != 0; });
}

TestClient::TestClient(GatewayWorld& world, std::unique_ptr<Admission> admission) : world_(world) {
    REQUIRE(admission);
    session_ = world_.gateway().open_session(world_.lane(), std::move(admission), sink_);
}

TestClient::~TestClient() { session_->closed(); }

json::value TestClient::next() {
    world_.run_until([&] { return read_ < sink_.texts.size(); });
    return json::parse(sink_.texts[read_++]);
}

json::value TestClient::next(std::string_view type) {
    for (;;) {
        json::value frame = next();
        if (text_at(frame, "type") == type) return frame;
    }
}

std::vector<std::string> TestClient::types_until_pong() {
    session_->receive(R"({"type":"ping"})");
    std::vector<std::string> types;
    for (;;) {
        std::string type = text_at(next(), "type");
        if (type == "pong") return types;
        types.push_back(std::move(type));
    }
}

std::uint16_t TestClient::wait_closed() {
    world_.run_until([&] { return sink_.close_code != 0; });
    return sink_.close_code;
}

json::value at(const json::value& value, std::string_view path) {
    const json::value* found = &value;
    while (found != nullptr && !path.empty()) {
        const std::string_view name = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (const json::array* array = found->if_array()) {
            std::size_t index = array->size();
            std::from_chars(name.data(), name.data() + name.size(), index);
            found = index < array->size() ? &(*array)[index] : nullptr;
        } else if (const json::object* object = found->if_object()) {
            found = object->if_contains(json::string_view(name.data(), name.size()));
        } else {
            found = nullptr;
        }
    }
    return found != nullptr ? *found : json::value();
}

json::array list_at(const json::value& value, std::string_view path) {
    const json::value found = at(value, path);
    return found.is_array() ? found.get_array() : json::array();
}

std::string text_at(const json::value& value, std::string_view path) {
    const json::value found = at(value, path);
    return found.is_string() ? std::string(found.get_string().data(), found.get_string().size())
                             : std::string();
}

std::int64_t number_at(const json::value& value, std::string_view path) {
    const json::value found = at(value, path);
    return found.is_int64() ? found.get_int64() : -1;
}

}  // namespace cariosan::test
