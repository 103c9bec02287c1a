#include "adapters/fcm/push_message.hpp"

#include <cariosan/delivery.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace cariosan::fcm {

std::string send_path(std::string_view project_id) {
    return "/v1/projects/" + std::string(project_id) + "/messages:send";
}

std::string send_body(const PushMessage& message) {
    const boost::json::object body{
        {"message",
         {{"token", message.device_token},
          {"notification", {{"title", notification_title(message.sender_name)}}},
          {"data",
           {{"channel_id", message.channel.to_string()}, {"message_id", message.message.to_string()}}}}}};
    return boost::json::serialize(body);
}

}  // namespace cariosan::fcm
