#include "core/receipts/move_receipt.hpp"

namespace cariosan::core {

Result<Plan> plan(const MarkRead& command, const Caller& caller, Context& context) {
    return plan_receipt(ReceiptKind::read, command, caller, context);
}

}  // namespace cariosan::core
