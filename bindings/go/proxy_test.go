package cariosan

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// A proxy carries connections to the server and cuts those that its plan says.
type proxy struct {
	listener net.Listener
	server   string
	mutex    sync.Mutex
	plan     []cutting
	open     sync.WaitGroup
}

// cutting is where a connection ends.
type cutting int

const (
	nowhere      cutting = iota
	atOnce               // before a byte of the request has left
	beforeAnswer         // when the server has answered, but not a byte has come back
	insideAnswer         // after some bytes of the answer
)

const someBytes = 40

func startProxy(t *testing.T, server string, plan ...cutting) *proxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, server: strings.TrimPrefix(server, "http://"), plan: plan}
	p.open.Add(1)
	go p.accept()
	t.Cleanup(func() {
		listener.Close()
		p.open.Wait()
	})
	return p
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

// next is the plan for one more connection; in the end all are carried.
func (p *proxy) next() cutting {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if len(p.plan) == 0 {
		return nowhere
	}
	first := p.plan[0]
	p.plan = p.plan[1:]
	return first
}

func (p *proxy) accept() {
	defer p.open.Done()
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.open.Add(1)
		go func() {
			defer p.open.Done()
			defer client.Close()
			p.carry(client, p.next())
		}()
	}
}

func (p *proxy) carry(client net.Conn, where cutting) {
	if where == atOnce {
		return
	}
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	p.open.Add(1)
	go func() {
		defer p.open.Done()
		defer server.Close()
		io.Copy(server, client)
	}()
	switch where {
	case beforeAnswer:
		server.Read(make([]byte, 1)) // so it was carried out
	case insideAnswer:
		io.CopyN(client, server, someBytes)
	default:
		io.Copy(client, server)
	}
}
