// A host that signs uploads: the delivery library as an installed copy gives it.
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/s3.hpp>

#include <cstdio>

using namespace cariosan;

int main() {
    const auto store = open_s3({.endpoint = "http://127.0.0.1:9000",
                                .bucket = "chat",
                                .access_key = "key",
                                .secret_key = "secret",
                                .crypto = openssl_crypto()});
    if (!store) return 1;
    const WorkspaceId workspace = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    const auto upload = (*store)->presign({.workspace = workspace,
                                           .id = Uuid{},
                                           .at = Timestamp{1769847300000},
                                           .file_name = "Foto 1.png",
                                           .content_type = "image/png",
                                           .size_bytes = 12345});
    if (!upload || !(*store)->accepts(upload->public_url, workspace)) return 1;
    std::puts(upload->public_url.c_str());
    return 0;
}
