#include "demo.hpp"

#include <boost/json.hpp>

#include <array>
#include <string_view>
#include <utility>

#include "demo_key.hpp"
#include "workspaces.hpp"

namespace cariosan::server {

namespace {

namespace json = boost::json;

constexpr const char* kName = "Demo";

struct Line {
    const char* user;
    const char* text;
    int answers = 0;  ///< the number, from 1, of the earlier line that this replies to
};

/// The conversation of Alice, a customer, and Budi, a seller, in one language.
struct Script {
    const char* code;       ///< ISO 639-1
    const char* group;      ///< external id
    const char* group_name;
    std::array<Line, 7> group_lines;
    std::array<Line, 2> direct_lines;
};

constexpr Script kEnglish = {
    .code = "en",
    .group = "order_1",
    .group_name = "Order #1",
    .group_lines = {{
        {"alice", "Hi Budi, I have just placed order #1. Is it still in stock?"},
        {"budi", "Hi Alice 😊 Yes, it is. Shall I send it today?"},
        {"alice", "Yes, please. Before 3 pm would be perfect.", 2},
        {"budi", "No problem! I am packing it now, the tracking number will follow here."},
        {"alice", "Great. It is the blue one, right?"},
        {"budi", "Right: light blue, size M.", 5},
        {"alice", "Perfect 👍 Looking forward to it."},
    }},
    .direct_lines = {{
        {"budi", "This is our private chat. Just write here if anything comes up."},
        {"alice", "I will. Thanks, Budi!"},
    }}};

constexpr Script kIndonesian = {
    .code = "id",
    .group = "pesanan_1",
    .group_name = "Pesanan #1",
    .group_lines = {{
        {"alice", "Halo Budi, pesanan #1 sudah saya buat. Barangnya masih ada?"},
        {"budi", "Halo Kak Alice 😊 Masih ada. Mau dikirim hari ini?"},
        {"alice", "Boleh, kalau bisa sebelum jam 3 sore ya.", 2},
        {"budi", "Bisa! Saya bungkus sekarang, resinya menyusul di sini."},
        {"alice", "Oke. Warnanya yang biru, ya?"},
        {"budi", "Betul, biru muda, ukuran M.", 5},
        {"alice", "Mantap 👍 Ditunggu kabarnya."},
    }},
    .direct_lines = {{
        {"budi", "Kak, ini chat pribadi kita. Kalau ada apa-apa, kabari saja di sini."},
        {"alice", "Siap, terima kasih Budi!"},
    }}};

const Script& script_of(DemoLanguage language) {
    return language == DemoLanguage::english ? kEnglish : kIndonesian;
}

/// Sends the lines in their authors' names. Thanks to the idempotency keys, a second start adds nothing, and an interrupted
/// one is completed.
template <std::size_t N>
Result<Done> send_lines(Engine& engine, const Caller& backend, const Channel& channel,
                        std::string_view prefix, const std::array<Line, N>& lines) {
    std::vector<std::string> ids;
    for (const Line& line : lines) {
        SendMessage command{
            .channel = channel.id.to_string(),
            .content = line.text,
            .idempotency_key = "demo:" + std::string(prefix) + ":" + std::to_string(ids.size() + 1),
            .user = line.user};
        if (line.answers > 0) command.parent_id = ids[static_cast<std::size_t>(line.answers) - 1];
        auto sent = engine.run(backend, std::move(command));
        if (!sent) return sent.error();
        ids.push_back(sent->id.to_string());
    }
    return Done{};
}

/// Absent if there are workspaces, but not the demo's.
Result<std::optional<Workspace>> demo_workspace(Engine& engine) {
    auto all = all_workspaces(engine);
    if (!all) return all.error();
    for (const Workspace& workspace : *all) {
        if (workspace.name == kName) return std::optional(workspace);
    }
    if (!all->empty()) return std::optional<Workspace>();
    auto made = engine.run(Caller::host(), CreateWorkspace{.name = kName});
    if (!made) return made.error();
    return std::optional<Workspace>(static_cast<const Workspace&>(*made));
}

Result<User> demo_user(Engine& engine, const Caller& backend, const char* external_id, const char* name) {
    auto user = engine.run(backend, GetUser{.user = external_id});
    if (user || user.error().code != ErrorCode::not_found) return user;
    return engine.run(backend, UpsertUser{.external_id = external_id, .name = name});
}

Result<Done> fill(Engine& engine, const Caller& backend, const Script& script) {
    auto group = engine.run(backend, CreateChannel{.type = ChannelType::group,
                                                   .external_id = script.group,
                                                   .name = script.group_name,
                                                   .member_external_ids = {"alice", "budi"}});
    if (!group) return group.error();
    auto direct = engine.run(
        backend, CreateChannel{.type = ChannelType::direct, .member_external_ids = {"alice", "budi"}});
    if (!direct) return direct.error();
    const std::string prefix = std::string(script.code) + ":";
    if (auto sent = send_lines(engine, backend, *direct, prefix + "direct", script.direct_lines); !sent) return sent;
    return send_lines(engine, backend, *group, prefix + "group", script.group_lines);
}

}  // namespace

std::optional<DemoLanguage> parse_demo_language(std::string_view name) {
    for (const DemoLanguage language : {DemoLanguage::english, DemoLanguage::indonesian}) {
        if (name == script_of(language).code) return language;
    }
    return std::nullopt;
}

Result<std::optional<Demo>> prepare_demo(Engine& engine, DemoLanguage language, const std::string& key_path) {
    auto found = demo_workspace(engine);
    if (!found) return found.error();
    if (!*found) return std::optional<Demo>();
    const Workspace& workspace = **found;
    const Caller backend = Caller::backend(workspace.id);
    auto alice = demo_user(engine, backend, "alice", "Alice");
    if (!alice) return alice.error();
    auto budi = demo_user(engine, backend, "budi", "Budi");
    if (!budi) return budi.error();
    const Script& script = script_of(language);
    if (auto filled = fill(engine, backend, script); !filled) return filled.error();
    auto key = provide_demo_key(engine, workspace.id, key_path);
    if (!key) return key.error();
    return std::optional(Demo{language, workspace, {*alice, *budi}, {script.group}, *std::move(key)});
}

std::string demo_json(const Demo& demo, const std::optional<DemoUploads>& uploads, const std::string& push_key, Gateway& gateway, std::chrono::seconds ttl) {
    json::object answer;
    answer["language"] = script_of(demo.language).code;
    answer["workspace"] = {{"id", demo.workspace.id.to_string()}, {"name", demo.workspace.name}};
    json::array users;
    for (const User& user : demo.users) {
        users.push_back({{"external_id", user.external_id},
                         {"name", user.name},
                         {"token", gateway.issue_token(demo.workspace.id, user, ttl)}});
    }
    answer["users"] = std::move(users);
    json::array channels;
    for (const std::string& channel : demo.channels) channels.emplace_back(channel);
    answer["channels"] = std::move(channels);
    answer["backend_key"] = demo.key;
    if (uploads) {
        answer["attachments"] = {{"types", json::array(uploads->types.begin(), uploads->types.end())},
                                 {"max_bytes", uploads->max_bytes}};
    }
    if (!push_key.empty()) answer["push_key"] = push_key;
    return json::serialize(answer);
}

}  // namespace cariosan::server
