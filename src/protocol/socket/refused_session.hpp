#pragma once

#include <cariosan/error.hpp>
#include <cariosan/session.hpp>
#include <memory>

#include "protocol/lane.hpp"

namespace cariosan::protocol {

/// A connection whose only purpose is to say why it is refused: `error`, then the close. Browsers hide the answer to a failed
/// handshake, so that a client could not tell an expired token from a server that is away.
class RefusedSession final : public Session {
  public:
    /// Speaks in the lane's next run: a sink is not used while its session is being opened.
    RefusedSession(LaneImpl& lane, SessionSink& sink, const Error& verdict);

    void receive(std::string_view) override {}
    void alive() override {}
    void writable() override {}
    void closing(std::uint16_t, std::string_view) override {}
    void closed() override { sink_.reset(); }

  private:
    std::shared_ptr<SessionSink*> sink_;  ///< gone once the connection is
};

}  // namespace cariosan::protocol
