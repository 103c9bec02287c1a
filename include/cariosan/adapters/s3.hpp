/// `AttachmentStore` in a bucket of Amazon S3, or of a server that speaks its protocol (MinIO, Ceph, R2 and
/// others). Target `cariosan::delivery`.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace cariosan {

/// How a request names the bucket.
enum class S3Addressing : std::uint8_t {
    /// `virtual_host` at Amazon's own endpoints, if they begin with the bucket already or its name is a label
    /// of a host; else `path`, which every server understands.
    automatic,
    path,          ///< https://endpoint/bucket/key
    virtual_host,  ///< https://bucket.endpoint/key
};

/// A plain value that holds secrets: it is not printed anywhere.
struct S3Options {
    /// "https://s3.eu-west-1.amazonaws.com", "http://127.0.0.1:9000": `http` or `https`, a host, maybe a port
    /// and a path. Empty: Amazon's of the region.
    std::string endpoint{};
    std::string region = "us-east-1";
    std::string bucket{};
    std::string access_key{};
    std::string secret_key{};
    std::string session_token{};  ///< of temporary credentials; empty: none
    /// Under which address the bucket's objects are read: "https://cdn.example.com", maybe with a path.
    /// Empty: at the address they are uploaded to.
    std::string public_url{};
    S3Addressing addressing = S3Addressing::automatic;
    std::shared_ptr<Crypto> crypto{};  ///< needed; signs
};

/// Checks the options without asking the server anything. `validation_error` with `details.field`, the name
/// of the option, and one line that says what is accepted.
Result<std::shared_ptr<AttachmentStore>> open_s3(S3Options options);

}  // namespace cariosan
