package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type healthCmd struct {
	URL string `help:"Address of the server to ask / adresse du serveur." default:"http://127.0.0.1:8080"`
}

// Run asks a running server whether it is ready; it fails when it is not. For
// container health checks, where the image holds no other client.
func (c *healthCmd) Run(e *environment) error {
	ctx, cancel := context.WithTimeout(e.ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+"/health/ready", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return failure{FR: "Vigie ne répond pas à l’adresse " + c.URL + ".", EN: "Vigie does not answer at " + c.URL + "."}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", response.Status)
	}
	return nil
}
