module example.com/shop

go 1.23

require github.com/cariosan/cariosan-go v1.0.0

// In this tree the SDK lies beside the example.
replace github.com/cariosan/cariosan-go => ../../bindings/go
