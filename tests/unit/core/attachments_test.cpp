#include <doctest/doctest.h>

#include "core/text/content_types.hpp"
#include "unit/core/stage.hpp"
#include "unit/fake_attachments.hpp"

using namespace cariosan;
using test::FakeAttachments;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

struct Uploading : Stage {
    FakeAttachments store;
    Uploading() { attachments = &store; }
};

PresignUpload photo() { return {.filename = "photo.png", .content_type = "image/png", .size_bytes = 1000}; }

}  // namespace

TEST_CASE("a pattern of content types is one type, or a whole kind") {
    for (const auto* good : {"image/png", "audio/*", "application/vnd.oasis.opendocument.text", "Image/SVG+xml"}) {
        CHECK_MESSAGE(core::is_content_type_pattern(good), good);
    }
    for (const auto* bad : {"", "image", "image/", "/png", "*/*", "*", "image/p*", "image/png/x", "image/ png",
                            "text/plain;charset=utf-8", "a,b/c"}) {
        CHECK_FALSE_MESSAGE(core::is_content_type_pattern(bad), bad);
    }
}

TEST_CASE("a content type is a single type, not a pattern") {
    for (const auto* good : {"image/png", "IMAGE/Png", "application/vnd.oasis.opendocument.text", "image/svg+xml", "video/mp4",
                             "audio/webm;codecs=opus", "audio/webm; codecs=\"opus, vorbis\"", "text/plain ; charset=utf-8"}) {
        CHECK_MESSAGE(core::is_content_type(good), good);
    }
    for (const auto* bad : {"", "audio/*", "*/*", "*", "audio/", "/mpeg", "audio", "audio/**", "audio/*;codecs=opus", "audio/x*",
                            "audio/mpeg, audio/ogg", "audio/mpeg/x", "audio /mpeg", " audio/mpeg", "audio/m peg", "audio/mpeg;",
                            "audio/mpeg;x", "audio/mpeg;=x", "audio/mpeg;x=\"", "audio/mpeg;x=a b", "audio/mp\xC3\xA9g",
                            "audio/mpeg\r\nX: y", "audio/mpeg;x=\"\n\"", "audio/<b>"}) {
        CHECK_FALSE_MESSAGE(core::is_content_type(bad), bad);
    }
    const std::vector<std::string> patterns{"audio/*"};
    CHECK(core::allows_content_type(patterns, "audio/webm;codecs=opus"));
    CHECK_FALSE(core::allows_content_type(patterns, "video/webm;x=audio/"));
}

TEST_CASE("a wildcard is not a content type for an upload") {
    Uploading stage;
    PresignUpload command = photo();
    for (const auto* type : {"audio/*", "*/*", "audio/", "audio/mpeg\r\nx"}) {
        command.content_type = type;
        CAPTURE(type);
        CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "content_type"));
    }
    command.content_type = "audio/mpeg";
    CHECK(stage.plan(command, stage.as(stage.alice)).ok());
}

TEST_CASE("content types are compared case-insensitively") {
    const std::vector<std::string> patterns{"image/png", "Audio/*"};
    for (const auto* good : {"image/png", "IMAGE/Png", "audio/mpeg", "AUDIO/x"}) {
        CHECK_MESSAGE(core::allows_content_type(patterns, good), good);
    }
    for (const auto* bad : {"", "image/pngx", "image/pn", "image/*", "audio/", "audio", "video/mp4", "xaudio/mpeg"}) {
        CHECK_FALSE_MESSAGE(core::allows_content_type(patterns, bad), bad);
    }
}

TEST_CASE("a user may upload to their own workspace") {
    Uploading stage;
    PresignUpload command = photo();
    command.content_type = "IMAGE/png";
    const Outcome outcome = stage.outcome(command, stage.as(stage.alice));
    CHECK(stage.store.asked.workspace == stage.shop);
    CHECK(stage.store.asked.file_name == "photo.png");
    CHECK(stage.store.asked.content_type == "IMAGE/png");
    CHECK(stage.store.asked.size_bytes == 1000);
    CHECK(stage.store.asked.at == stage.clock.wall);
    const auto& upload = std::get<PresignedUpload>(outcome.answer);
    CHECK(upload.public_url == FakeAttachments::folder(stage.shop) + stage.store.asked.id.to_string());
    stage.outcome(command, stage.as(stage.alice));
    CHECK(std::get<PresignedUpload>(outcome.answer).public_url !=
          FakeAttachments::folder(stage.shop) + stage.store.asked.id.to_string());
}

TEST_CASE("only users may upload, and only with a store") {
    Uploading stage;
    CHECK(stage.error(photo(), stage.backend()).code == ErrorCode::forbidden);
    stage.attachments = nullptr;
    CHECK(stage.error(photo(), stage.as(stage.alice)).code == ErrorCode::unavailable);
}

TEST_CASE("an upload must have an accepted type and size") {
    Uploading stage;
    stage.limits.attachment_bytes = 1000;
    PresignUpload command = photo();
    const auto refused = [&] { return stage.error(command, stage.as(stage.alice)); };
    command.size_bytes = 1001;
    CHECK(is_over(refused(), "size_bytes", 1000));
    command.size_bytes = 0;
    CHECK(is_invalid(refused(), "size_bytes"));
    command = photo();
    command.content_type = "text/html";
    CHECK(is_invalid(refused(), "content_type"));
    CHECK(refused().message == "content_type must be one of image/png, audio/*");
    command.content_type = "";
    CHECK(is_invalid(refused(), "content_type"));
}

TEST_CASE("the name of an uploaded file is 1 to 255 bytes of UTF-8") {
    Uploading stage;
    PresignUpload command = photo();
    const auto refused = [&] { return stage.error(command, stage.as(stage.alice)); };
    command.filename = "";
    CHECK(is_invalid(refused(), "filename"));
    command.filename = std::string(256, 'x');
    CHECK(is_over(refused(), "filename", 255));
    command.filename = "\xff";
    CHECK(is_invalid(refused(), "filename"));
    command.filename = std::string(255, 'x');
    stage.outcome(command, stage.as(stage.alice));
    CHECK(stage.store.asked.file_name == command.filename);
}

TEST_CASE("an upload is charged as a write") {
    Uploading stage;
    for (int i = 0; i < stage.rates.writes_per_minute; ++i) stage.outcome(photo(), stage.as(stage.alice));
    CHECK(stage.error(photo(), stage.as(stage.alice)).code == ErrorCode::rate_limited);
    CHECK(stage.error(MarkRead{.channel = "orders"}, stage.as(stage.alice)).code == ErrorCode::rate_limited);
}

TEST_CASE("a message can only have attachments of its own workspace") {
    Uploading stage;
    SendMessage command{.channel = "orders"};
    command.attachment_url = FakeAttachments::folder(stage.shop) + "1.png";

    auto sent = stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice));
    CHECK(sent.type == MessageType::file);
    CHECK(sent.attachment_url == command.attachment_url);
    command.type = MessageType::image;
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice)).type == MessageType::image);

    command.attachment_url = FakeAttachments::folder(stage.world.add_workspace()) + "1.png";
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "attachment_url"));
    command.user = "alice";
    CHECK(is_invalid(stage.error(command, stage.backend()), "attachment_url"));
}

TEST_CASE("images and files need an attachment, and other types have none") {
    Uploading stage;
    for (const auto type : {MessageType::image, MessageType::file}) {
        SendMessage command{.channel = "orders", .content = "Halo"};
        command.type = type;
        CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "attachment_url"));
    }
    SendMessage command{.channel = "orders", .content = "Halo"};
    command.type = MessageType::text;
    command.attachment_url = FakeAttachments::folder(stage.shop) + "1.png";
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "type"));
    command = {.channel = "orders"};
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "content"));
}
