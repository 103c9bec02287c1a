/// The demo workspace: two users, two channels, a few messages.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>

#include <optional>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace cariosan::server {

struct Demo {
    Workspace workspace;
    std::vector<User> users;
    std::vector<std::string> channels;
};

/// Makes the demo in an empty database, or finds the one made before. Nothing if the database is used for other things.
Result<std::optional<Demo>> prepare_demo(Engine& engine);

/// `{"workspace":{"id","name"},"users":[{"external_id","name","token"}…],"channels":[…]}` with new tokens.
std::string demo_json(const Demo& demo, Gateway& gateway, std::chrono::seconds ttl);

/// Whether a request may have the demo's tokens: any in `CARIOS_ENV=dev`, else those of this machine alone. One that
/// came through a proxy is not of this machine.
bool may_see_demo(const HttpRequest& request, Environment environment);

}  // namespace cariosan::server
