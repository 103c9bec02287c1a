/// Random mutations outside the model of the chat (users' names, workspaces, webhooks, devices, push jobs), each with its
/// expected result.
#pragma once

#include <cariosan/committed.hpp>
#include <functional>
#include <map>
#include <string>

#include "support/memory_tables/memory_rows.hpp"
#include "support/model/random_mutations.hpp"

namespace cariosan::test {

/// A mutation, and a check of its answer and of the rows afterwards.
struct Trial {
    Mutation mutation;
    std::function<void(const Result<Committed>& answer, const MemoryRows& rows)> check;
};

class OtherMutations {
  public:
    OtherMutations(MutationMaker& make, Model& model, RandomMutations& random) : make_(make), model_(model), random_(random) {}

    /// `rows` as they were before it.
    Trial any(const MemoryRows& rows);
    /// The next step in deleting a user.
    Trial finish_deletion(const MemoryRows& rows);

    /// A second workspace, where nothing of the first one may be found.
    WorkspaceId other_workspace;

  private:
    Trial workspace(const MemoryRows& rows);
    Trial user(const MemoryRows& rows);
    Trial forget_files(const MemoryRows& rows);
    void check_finished(const MemoryRows& after, RowId row, const StoredUser& before);
    Trial webhook(const MemoryRows& rows);
    Trial secret(const MemoryRows& rows, const StoredWebhook& before);
    mutation::RequestKey any_request_key();
    Trial delivery(const MemoryRows& rows);
    Trial device();
    Trial push(const MemoryRows& rows);
    Trial report(const MemoryRows& rows);
    Trial stranger();

    MutationMaker& make_;
    Model& model_;
    RandomMutations& random_;
    std::map<std::string, UserId> owners_;  ///< of device tokens
};

}  // namespace cariosan::test
