module github.com/cariosan/cariosan-go

go 1.23
