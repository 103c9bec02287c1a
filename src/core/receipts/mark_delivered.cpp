#include "core/receipts/move_receipt.hpp"

namespace cariosan::core {

Result<Plan> plan(const MarkDelivered& command, const Caller& caller, Context& context) {
    return plan_receipt(ReceiptKind::delivered, command, caller, context);
}

}  // namespace cariosan::core
