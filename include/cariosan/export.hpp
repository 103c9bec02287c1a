/// All data of a workspace, or of one user, as lines of JSON: for backups that people can read, for moving away, and for
/// answering whoever asks what is stored about them.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <cariosan/types.hpp>
#include <memory>
#include <optional>
#include <string>

namespace cariosan {

/// An export in progress, pulled piece by piece, so that it holds one page of a list at a time. One JSON object per line, each
/// with a `kind` and the members of section 4 of the protocol as a backend gets them.
///
/// Used by one thread at a time, none of the engine's. The gateway must outlive it. What changes meanwhile may or may not be in it.
class Exporter {
  public:
    virtual ~Exporter() = default;

    /// The next lines, each with its line end; absent at the end. Waits like `Gateway::run`. After an error it can be called
    /// again: it goes on where it was.
    virtual Result<std::optional<std::string>> next() = 0;
};

/// The workspace, its users, then each channel with its members and messages, oldest first; a member has a `channel_id` too.
std::unique_ptr<Exporter> export_workspace(Gateway& gateway, WorkspaceId workspace);

/// Everything stored about one user, like `GET /v1/users/{user}/export`. `user`: an internal id or an external_id.
std::unique_ptr<Exporter> export_user(Gateway& gateway, WorkspaceId workspace, std::string user);

}  // namespace cariosan
