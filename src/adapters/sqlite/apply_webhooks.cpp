// Webhooks, and what is to be told to them.
#include "adapters/sqlite/batch.hpp"

namespace cariosan::sqlite {
namespace {

Error no_outbox() { return {ErrorCode::unavailable, "this storage has no outbox"}; }

}  // namespace

Result<Committed> Batch::apply(const mutation::CreateWebhook&) { return no_outbox(); }
Result<Committed> Batch::apply(const mutation::UpdateWebhook&) { return no_outbox(); }
Result<Committed> Batch::apply(const mutation::DeleteWebhook&) { return no_outbox(); }
Result<Committed> Batch::apply(const mutation::PingWebhook&) { return no_outbox(); }
Result<Committed> Batch::apply(const mutation::RetryDelivery&) { return no_outbox(); }
Result<Committed> Batch::apply(const mutation::LeaseWebhooks&) { return no_outbox(); }
Result<Committed> Batch::apply(const mutation::FinishDeliveries&) { return no_outbox(); }

}  // namespace cariosan::sqlite
