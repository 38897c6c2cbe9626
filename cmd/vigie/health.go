package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// healthCmd takes the options of the server that it asks, so that both have one
// environment.
type healthCmd struct {
	URL       string `help:"Address of the server to ask; that of --listen on this machine when absent / adresse du serveur." placeholder:"URL"`
	Listen    string `help:"Where the server listens / adresse d'écoute." default:"127.0.0.1:8080" env:"VIGIE_LISTEN"`
	PublicURL string `name:"public-url" help:"Its public address, of which the certificate is / adresse publique." env:"VIGIE_PUBLIC_URL" placeholder:"URL"`
	TLSCert   string `name:"tls-cert" help:"Its certificate chain (PEM) / certificat." type:"path" env:"VIGIE_TLS_CERT" placeholder:"FILE"`
}

// Run asks a running server whether it is ready; it fails when it is not. For
// container health checks, where the image holds no other client.
func (c *healthCmd) Run(e *environment) error {
	address, client := c.URL, &http.Client{}
	if address == "" {
		var err error
		if address, client, err = c.local(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(e.ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/health/ready", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return failure{FR: "Vigie ne répond pas à l’adresse " + address + ".", EN: "Vigie does not answer at " + address + "."}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return failure{
			FR: "Vigie n’est pas prête à l’adresse " + address + " (" + response.Status + ")\u00a0; /health/ready et ses traces disent pourquoi.",
			EN: "Vigie is not ready at " + address + " (" + response.Status + "); /health/ready and its log tell why.",
		}
	}
	return nil
}

// local is the address of the server on this machine and, when it ends TLS itself, a
// client that trusts its certificate under its public name.
func (c *healthCmd) local() (address string, client *http.Client, err error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", nil, usageError{FR: "--listen\u00a0: hôte:port attendu.", EN: "--listen: host:port expected."}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	here := net.JoinHostPort(host, port)
	if c.TLSCert == "" {
		return "http://" + here, &http.Client{}, nil
	}
	chain, err := os.ReadFile(c.TLSCert)
	if err != nil {
		return "", nil, fmt.Errorf("--tls-cert: %w", err)
	}
	public, err := url.Parse(c.PublicURL)
	if err != nil {
		return "", nil, fmt.Errorf("--public-url: %w", err)
	}
	own := x509.NewCertPool()
	own.AppendCertsFromPEM(chain)
	return "https://" + here, &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: own, ServerName: public.Hostname(), MinVersion: tls.VersionTLS12},
	}}, nil
}
