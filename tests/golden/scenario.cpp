#include "golden/scenario.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cariosan/types.hpp>
#include <thread>

#include "unit/fake_attachments.hpp"

namespace cariosan::test {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
    REQUIRE(value.is_string());
    return {value.get_string().data(), value.get_string().size()};
}

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(json::string_view(name.data(), name.size()));
    REQUIRE_MESSAGE(found != nullptr, name);
    return text(*found);
}

void replace_all(std::string& in, const std::string& from, const std::string& to) {
    for (std::size_t i = in.find(from); i != std::string::npos; i = in.find(from, i + to.size())) {
        in.replace(i, from.size(), to);
    }
}

GatewayWorld::Options options_of(const json::value& file, OpenEmptyStorage open_storage) {
    GatewayWorld::Options options;
    options.open_storage = std::move(open_storage);
    const std::int64_t large = number_at(file, "large_channel");
    if (large >= 0) options.limits.large_channel = large;
    const std::int64_t search_steps = number_at(file, "search_steps");
    if (search_steps >= 0) options.limits.search_steps = search_steps;
    if (const json::value* uploads = file.as_object().if_contains("attachments"); uploads != nullptr) {
        if (uploads->as_bool()) options.attachments = std::make_shared<FakeAttachments>();
    }
    return options;
}

/// Some frames may overtake each other (an ack and its event), so groups are sorted in this order for comparison.
void sort_frames(std::vector<json::value>& frames) {
    std::ranges::stable_sort(frames, {}, [](const json::value& frame) { return text_at(frame, "type"); });
}

}  // namespace

std::string Names::name_of(std::string_view kind, const std::string& thing) {
    const auto known = names_.find(thing);
    if (known != names_.end()) return known->second;
    const int number = ++counts_[std::string(kind)];
    std::string name = "<" + std::string(kind) + " " + std::to_string(number) + ">";
    names_[thing] = name;
    things_[name] = thing;
    return name;
}

std::string Names::normalise_text(std::string_view member, const std::string& text) {
    if (member == "token") return "<token>";
    if (member == "request_id") return "<request>";
    if (member == "connection_id") return "<connection>";
    if (member == "signing_secret") return name_of("secret", text);
    if (member == "event_id") return name_of("event", text);
    if (member == "idempotency_key") return text;  // chosen by the client
    if (text == epoch_) return "<epoch>";
    if (Uuid::parse(text)) return name_of("id", text);
    if (Timestamp::parse(text)) return "<time>";
    if (member == "upload_url") return name_of("upload", text);
    if (member == "public_url" || member == "attachment_url") return name_of("file", text);
    if (member == "next_cursor") return name_of("cursor", text);
    return text;
}

json::value Names::normalise_member(std::string_view member, const json::value& value) {
    if (value.is_string()) return json::value(normalise_text(member, text(value)));
    if (const json::array* array = value.if_array()) {
        json::array out;
        for (const json::value& each : *array) out.push_back(normalise_member(member, each));
        return out;
    }
    if (const json::object* object = value.if_object()) {
        json::object out;
        for (const auto& each : *object) {
            out[each.key()] = normalise_member({each.key().data(), each.key().size()}, each.value());
        }
        return out;
    }
    return value;
}

json::value Names::normalise(const json::value& value) { return normalise_member("", value); }

std::string Names::resolve(std::string text) const {
    for (const auto& [name, thing] : things_) replace_all(text, name, thing);
    replace_all(text, "<epoch>", epoch_);
    return text;
}

Scenario::Scenario(json::value file, OpenEmptyStorage open_storage)
    : file_(std::move(file)), world_(options_of(file_, std::move(open_storage))), names_(world_.engine().epoch()) {
    if (text_at(file_, "world") == "empty") return;
    world_.make_user("alice", "Alice");
    world_.make_user("bob", "Budi");
    world_.make_user("eve", "Eve");
    world_.make_group("order_1", {"alice", "bob"});
}

json::value Scenario::replay() {
    json::value out = file_;
    for (json::value& step : out.as_object().at("steps").as_array()) step = take(step.as_object());
    clients_.clear();
    return out;
}

json::object Scenario::take(const json::object& step) {
    if (step.contains("connect")) {
        const std::string who = text_in(step, "connect");
        const std::string as = step.contains("as") ? text_in(step, "as") : who;
        clients_[as] = std::make_unique<TestClient>(world_, who);
        return step;
    }
    if (step.contains("disconnect")) {
        clients_.erase(text_in(step, "disconnect"));
        return step;
    }
    if (step.contains("advance")) {
        world_.clock().advance(std::chrono::milliseconds(step.at("advance").as_int64()));
        return step;
    }
    if (step.contains("drain")) {
        world_.gateway().drain(std::chrono::milliseconds(step.at("drain").as_int64()));
        return step;
    }
    if (step.contains("tick")) {
        world_.lane().tick();
        return step;
    }
    if (step.contains("send")) {
        client(text_in(step, "client")).send(text_of(step.at("send")));
        return step;
    }
    return step.contains("receive") ? take_receive(step) : take_request(step);
}

json::object Scenario::take_receive(const json::object& step) {
    TestClient& from = client(text_in(step, "client"));
    std::vector<json::value> frames;
    const std::size_t count = step.at("receive").is_array()
                                  ? step.at("receive").as_array().size()
                                  : static_cast<std::size_t>(step.at("receive").as_int64());
    while (frames.size() < count) frames.push_back(from.next());
    sort_frames(frames);
    json::array normalised;
    for (const json::value& frame : frames) normalised.push_back(names_.normalise(frame));
    json::object out = step;
    out["receive"] = std::move(normalised);
    return out;
}

Reply Scenario::ask(const json::object& step) {
    world_.clock().advance(std::chrono::milliseconds(1));  // so that later events have later times
    const std::string who = text_in(step, "as");
    const std::string line = names_.resolve(text_in(step, "request"));
    const std::string method = line.substr(0, line.find(' '));
    const std::string target = line.substr(line.find(' ') + 1);
    const std::string body = step.contains("body") ? text_of(step.at("body")) : "";
    if (step.contains("headers")) {
        HttpRequest request = world_.backend_request(method, target, body);
        for (const auto& [name, value] : step.at("headers").as_object()) {
            request.headers.push_back({std::string(name), std::string(value.as_string())});
        }
        return world_.request(std::move(request));
    }
    if (who == "nobody") {
        HttpRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
        return world_.request(std::move(request));
    }
    return who == "backend" ? world_.backend(method, target, body) : world_.user(who, method, target, body);
}

namespace {

json::array lines_of(std::string_view text) {
    json::array lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(json::parse(text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

}  // namespace

json::object Scenario::take_request(const json::object& step) {
    Reply reply = ask(step);
    if (step.contains("until")) {
        const auto lacks = [&] {
            const json::object* answer = reply.body.if_object();
            const json::value* list = answer == nullptr ? nullptr : answer->if_contains(text_in(step, "until"));
            return list == nullptr || !list->is_array() || list->get_array().empty();
        };
        for (int i = 0; i < 1000 && lacks(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            world_.clock().advance(std::chrono::seconds(1));  // the rate limit would end it otherwise
            reply = ask(step);
        }
    }
    json::object out = step;
    out["status"] = reply.status;
    if (reply.header("Content-Type") == "application/x-ndjson") {
        out["lines"] = names_.normalise(lines_of(reply.text));
    } else if (!reply.text.empty()) {
        out["answer"] = names_.normalise(reply.body);
    }
    return out;
}

TestClient& Scenario::client(std::string_view name) {
    const auto found = clients_.find(name);
    REQUIRE_MESSAGE(found != clients_.end(), name);
    return *found->second;
}

std::string Scenario::text_of(const json::value& value) {
    std::string out = names_.resolve(json::serialize(value));
    for (const std::string_view user : {"alice", "bob", "eve"}) {
        const std::string name = "<token of " + std::string(user) + ">";
        if (out.find(name) != std::string::npos) replace_all(out, name, world_.token(user));
    }
    return out;
}

namespace {

constexpr std::size_t kLineWidth = 110;

void append_pretty(std::string& out, const json::value& value, std::size_t indent) {
    const std::string flat = json::serialize(value);
    const bool nested = (value.is_object() && !value.get_object().empty()) ||
                        (value.is_array() && !value.get_array().empty());
    if (!nested || indent + flat.size() <= kLineWidth) {
        out += flat;
        return;
    }
    const std::string line = "\n" + std::string(indent + 2, ' ');
    bool first = true;
    const auto next = [&] {
        if (!first) out += ',';
        first = false;
        out += line;
    };
    if (const json::object* object = value.if_object()) {
        out += '{';
        for (const auto& each : *object) {
            next();
            out += json::serialize(json::value(each.key())) + ": ";
            append_pretty(out, each.value(), indent + 2);
        }
        out += "\n" + std::string(indent, ' ') + "}";
    } else {
        out += '[';
        for (const json::value& each : value.get_array()) {
            next();
            append_pretty(out, each, indent + 2);
        }
        out += "\n" + std::string(indent, ' ') + "]";
    }
}

}  // namespace

std::string pretty(const json::value& value) {
    std::string out;
    append_pretty(out, value, 0);
    return out + "\n";
}

}  // namespace cariosan::test
