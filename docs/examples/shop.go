// A shop: registers what it expects, verifies what it is told, fulfils by the transaction's id AND the amount.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type order struct {
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Fulfilled bool   `json:"fulfilled"`
}

type transaction struct {
	ID       string           `json:"id"`
	Amount   string           `json:"amount"`
	Currency string           `json:"currency"`
	Review   *json.RawMessage `json:"review"`
}

type event struct {
	Type string `json:"type"`
	Data struct {
		Environment string      `json:"environment"`
		Transaction transaction `json:"transaction"`
	} `json:"data"`
}

var (
	lock   sync.Mutex
	orders = map[string]*order{} // by transaction id; a table of your database
)

// register is called after the push was sent: with its id, and exactly the amount that the order costs.
func register(checkoutRequestID string) (string, error) {
	expected := order{Amount: "50.00", Currency: "KES"}
	body, _ := json.Marshal(map[string]any{
		"connection_id": os.Getenv("HAKIKA_CONNECTION"), "kind": "stk_push",
		"provider_refs": map[string]string{"checkout_request_id": checkoutRequestID},
		"amount":        expected.Amount, "currency": expected.Currency,
	})
	request, err := http.NewRequest("POST", os.Getenv("HAKIKA_URL")+"/v1/transactions", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("HAKIKA_KEY"))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", checkoutRequestID)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var made transaction
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || answer.StatusCode >= 300 {
		return "", fmt.Errorf("not registered: %s", answer.Status)
	}
	lock.Lock()
	defer lock.Unlock()
	orders[made.ID] = &expected
	return made.ID, nil
}

func isGenuine(header http.Header, body, key []byte) bool {
	timestamp := header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age > 5*time.Minute || age < -5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", header.Get("webhook-id"), timestamp)
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, given := range strings.Split(header.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(given), expected) {
			return true
		}
	}
	return false
}

// take knows who signed; what was paid is compared with what was asked.
func take(told event) {
	environment := os.Getenv("ENVIRONMENT")
	if environment == "" {
		environment = "production"
	}
	if told.Type != "payment.completed" || told.Data.Environment != environment {
		return
	}
	lock.Lock()
	defer lock.Unlock()
	paid := told.Data.Transaction
	asked := orders[paid.ID]
	if asked != nil && asked.Amount == paid.Amount && asked.Currency == paid.Currency && paid.Review == nil {
		asked.Fulfilled = true
	}
}

func main() {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), "whsec_"))
	if err != nil {
		log.Fatal("WEBHOOK_SECRET is whsec_ and base64")
	}
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" {
			lock.Lock()
			defer lock.Unlock()
			json.NewEncoder(w).Encode(orders)
			return
		}
		id, err := register(r.URL.Query().Get("push"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, id)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		var told event
		if err != nil || !isGenuine(r.Header, body, key) || json.Unmarshal(body, &told) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		take(told)
		w.WriteHeader(http.StatusNoContent)
	})
	port := os.Getenv("PORT")
	if port == "" {
		port = "9090"
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
