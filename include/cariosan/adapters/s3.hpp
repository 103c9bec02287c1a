/// `AttachmentStore` in a bucket of Amazon S3, or of a server that speaks its protocol (MinIO, Ceph, R2 and
/// others). Target `cariosan::delivery`.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace cariosan {

/// How a request names the bucket.
enum class S3Addressing : std::uint8_t {
    /// `virtual_host` at Amazon's own endpoints, if the endpoint already begins with the bucket or the bucket's name is a valid
    /// host label; otherwise `path`, which every server understands.
    automatic,
    path,          ///< https://endpoint/bucket/key
    virtual_host,  ///< https://bucket.endpoint/key
};

/// Holds secrets: never printed or logged.
struct S3Options {
    /// "https://s3.eu-west-1.amazonaws.com", "http://127.0.0.1:9000": `http` or `https`, a host, and optionally a port and a
    /// path. Empty: Amazon's endpoint for the region.
    std::string endpoint{};
    std::string region = "us-east-1";
    std::string bucket{};
    std::string access_key{};
    std::string secret_key{};
    std::string session_token{};  ///< of temporary credentials; empty: none
    /// The address the bucket's objects are read from: "https://cdn.example.com", optionally with a path. Empty: the address
    /// they are uploaded to.
    std::string public_url{};
    S3Addressing addressing = S3Addressing::automatic;
    std::shared_ptr<Crypto> crypto{};  ///< required; signs
    std::shared_ptr<Clock> clock{};    ///< dates the requests of `AttachmentStore::remove`; absent: the system's clock
    std::string ca_file{};  ///< certificates, in PEM, that those trust instead of the system's; empty: the system's
};

/// The store contacts the server only to take files away, on a thread of its own that then begins: one DELETE for each file of an
/// unsent or erased message, which needs the permission (`s3:DeleteObject`) and has ten seconds. A bucket cannot set a file aside:
/// if a message is sent that names the file between the last look at storage and the DELETE, that file is gone all the same.
/// Uploads that no message ever named stay; a lifecycle rule of the bucket cannot tell them apart either.
///
/// Checks the options without contacting the server. `validation_error` with `details.field`, the name of the option, and one
/// line that says what is accepted.
Result<std::shared_ptr<AttachmentStore>> open_s3(S3Options options);

}  // namespace cariosan
