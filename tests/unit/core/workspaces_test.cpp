#include <doctest/doctest.h>

#include "unit/core/stage.hpp"
#include "unit/fake_attachments.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

struct Made {
    mutation::CreateWorkspace mutation;
    WorkspaceCredentials credentials;
};

Made create(Stage& stage, bool test = false) {
    auto planned = stage.plan(CreateWorkspace{.name = "Shop", .test = test}, Caller::host());
    REQUIRE(planned);
    auto& write = std::get<core::PlannedMutation>(*planned);
    return {std::get<mutation::CreateWorkspace>(write.mutation),
            std::get<WorkspaceCredentials>(*write.prepared)};
}

/// Stores the key pair of a workspace as a commit would.
void store_key(Stage& stage, const Made& made, std::optional<Timestamp> expires_at = {}) {
    stage.world.api_keys[made.mutation.api_key] = {made.mutation.workspace,
                                                   {{made.mutation.secret_hash, expires_at}}};
}

}  // namespace

TEST_CASE("a new workspace shows its secret once and stores only the hash") {
    Stage stage;
    const Made made = create(stage);
    CHECK(made.credentials.api_key.starts_with("pk_live_"));
    CHECK(made.credentials.api_key == made.mutation.api_key);
    CHECK(made.credentials.api_secret.starts_with("sk_"));
    CHECK(made.credentials.api_secret.size() == 3 + 64);
    CHECK(made.mutation.secret_hash == stage.crypto.sha256(made.credentials.api_secret));
    CHECK(made.mutation.idempotency_secret != std::array<std::uint8_t, 32>{});
    CHECK(made.mutation.workspace.id == made.credentials.id);
    CHECK(made.mutation.workspace.created_at == stage.clock.wall);
    CHECK(create(stage, true).credentials.api_key.starts_with("pk_test_"));
    CHECK(create(stage).credentials.api_secret != made.credentials.api_secret);
}

TEST_CASE("the name of a workspace is 1 to 255 bytes") {
    Stage stage;
    CHECK(is_invalid(stage.error(CreateWorkspace{.name = ""}, Caller::host()), "name"));
    CHECK(stage.plan(CreateWorkspace{.name = std::string(255, 'x')}, Caller::host()).ok());
    CHECK(is_over(stage.error(CreateWorkspace{.name = std::string(256, 'x')}, Caller::host()), "name", 255));
    CHECK(is_invalid(stage.error(UpdateWorkspace{.name = ""}, stage.backend()), "name"));
}

TEST_CASE("an API key pair opens its workspace and no other pair does") {
    Stage stage;
    const Made made = create(stage);
    store_key(stage, made);
    const VerifyApiKey right{.api_key = made.credentials.api_key, .api_secret = made.credentials.api_secret};
    CHECK(stage.answer(right, Caller::host()).id == made.credentials.id);
    VerifyApiKey wrong = right;
    wrong.api_secret.back() ^= 1;
    CHECK(stage.error(wrong, Caller::host()).code == ErrorCode::unauthorized);
    wrong = right;
    wrong.api_key += "0";
    CHECK(stage.error(wrong, Caller::host()).code == ErrorCode::unauthorized);
    CHECK(stage.error(VerifyApiKey{}, Caller::host()).code == ErrorCode::unauthorized);
    wrong = right;
    wrong.api_secret = std::string(1'000'000, 'x');
    CHECK(stage.error(wrong, Caller::host()).code == ErrorCode::unauthorized);
}

TEST_CASE("a replaced key pair works until it expires") {
    Stage stage;
    const Made made = create(stage);
    const VerifyApiKey command{.api_key = made.credentials.api_key,
                               .api_secret = made.credentials.api_secret};
    store_key(stage, made, Timestamp{stage.clock.wall.milliseconds + 1});
    CHECK(stage.plan(command, Caller::host()).ok());
    store_key(stage, made, stage.clock.wall);
    CHECK(stage.error(command, Caller::host()).code == ErrorCode::unauthorized);
}

TEST_CASE("every secret of a key opens its workspace until it expires") {
    Stage stage;
    const Made made = create(stage);
    store_key(stage, made);
    auto& secrets = stage.world.api_keys[made.mutation.api_key].secrets;
    const auto opens = [&](const std::string& secret) {
        return stage.plan(VerifyApiKey{.api_key = made.mutation.api_key, .api_secret = secret}, Caller::host()).ok();
    };
    const Timestamp later{stage.clock.wall.milliseconds + 1};
    secrets = {{stage.crypto.sha256("sk_gone"), stage.clock.wall},
               {stage.crypto.sha256("sk_old"), later},
               {stage.crypto.sha256("sk_present"), {}}};
    CHECK(opens("sk_present"));
    CHECK(opens("sk_old"));
    CHECK_FALSE(opens("sk_gone"));
    CHECK_FALSE(opens("sk_never"));
}

TEST_CASE("rotating a secret keeps the public key") {
    Stage stage;
    Made made = create(stage);
    made.mutation.workspace.id = stage.shop;
    store_key(stage, made);
    auto planned = stage.plan(RotateSecret{.workspace = stage.shop}, Caller::host());
    REQUIRE(planned);
    const auto& write = std::get<core::PlannedMutation>(*planned);
    const auto& rotate = std::get<mutation::RotateSecret>(write.mutation);
    const auto& shown = std::get<WorkspaceCredentials>(*write.prepared);
    CHECK(rotate.api_key == made.mutation.api_key);
    CHECK(shown.api_key == made.mutation.api_key);
    CHECK(shown.api_secret != made.credentials.api_secret);
    CHECK(rotate.secret_hash == stage.crypto.sha256(shown.api_secret));
}

TEST_CASE("rotation creates a new pair and keeps the old one as long as requested") {
    Stage stage;
    RotateSecret command{.workspace = stage.shop, .keep_old = std::chrono::hours(24)};
    const auto rotate = stage.mutation<mutation::RotateSecret>(command, Caller::host());
    CHECK(rotate.old_expire_at.milliseconds == stage.clock.wall.milliseconds + 86'400'000);
    CHECK(rotate.at == stage.clock.wall);
    command.keep_old = std::chrono::days(30);
    CHECK(stage.plan(command, Caller::host()).ok());
    command.keep_old += std::chrono::seconds(1);
    CHECK(is_over(stage.error(command, Caller::host()), "keep_old", 2'592'000));
    command.keep_old = std::chrono::seconds(-1);
    CHECK(is_invalid(stage.error(command, Caller::host()), "keep_old"));
    CHECK(stage.error(RotateSecret{}, Caller::host()).code == ErrorCode::not_found);
    CHECK(stage.error(DeleteWorkspace{}, Caller::host()).code == ErrorCode::not_found);
    CHECK(stage.mutation<mutation::DeleteWorkspace>(DeleteWorkspace{.workspace = stage.shop}, Caller::host())
              .workspace == stage.shop);
}

TEST_CASE("updating settings only changes them if a field is given") {
    Stage stage;
    CHECK(stage.answer(GetWorkspace{}, stage.backend()).id == stage.shop);
    CHECK(stage.answer(UpdateWorkspace{}, stage.backend()).name == "Shop");
    UpdateWorkspace command;
    command.edit_window_seconds.emplace(std::nullopt);
    const auto update = stage.mutation<mutation::UpdateWorkspace>(command, stage.backend());
    REQUIRE(update.edit_window_seconds);
    CHECK_FALSE(*update.edit_window_seconds);
    command.edit_window_seconds.emplace(-1);
    CHECK(is_invalid(stage.error(command, stage.backend()), "edit_window_seconds"));
}

TEST_CASE("a user learns what the workspace and the server allow") {
    Stage stage;
    stage.limits.message_bytes = 100;
    ClientSettings settings = stage.answer(GetMe{}, stage.as(stage.alice)).settings;
    CHECK(settings == ClientSettings{.max_message_bytes = 100});
    test::FakeAttachments files;
    stage.attachments = &files;
    settings = stage.answer(GetMe{}, stage.as(stage.alice)).settings;
    REQUIRE(settings.attachments);
    CHECK(settings.attachments->max_bytes == stage.limits.attachment_bytes);
    CHECK(settings.attachments->types == stage.attachment_types);
    UpdateWorkspace command;
    command.read_receipts_enabled = false;
    CHECK(stage.mutation<mutation::UpdateWorkspace>(command, stage.backend()).server == settings);
}

TEST_CASE("the host lists workspaces") {
    Stage stage;
    stage.world.add_workspace();
    const auto page = stage.answer(ListWorkspaces{.range = {.limit = 1}}, Caller::host());
    CHECK(page.items.size() == 1);
    CHECK(page.has_more());
}
