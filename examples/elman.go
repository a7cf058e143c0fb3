// Trains a model, classifies, corrects and trains again. usage: go run elman.go [URL]
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
)

var url = "http://localhost:8080"

// object is a JSON object.
type object map[string]any

// post returns the answer to a JSON body. It ends the program with what the service says of an
// error.
func post(path string, body object) object {
	data, err := json.Marshal(body)
	check(err)
	request, err := http.NewRequest("POST", url+path, bytes.NewReader(data))
	check(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Prefer", "wait=60")
	response, err := http.DefaultClient.Do(request)
	check(err)
	defer response.Body.Close()
	var answer object
	check(json.NewDecoder(response.Body).Decode(&answer))
	if response.StatusCode >= 300 {
		log.Fatalf("%s: %v", path, answer["detail"])
	}
	return answer
}

// train waits for the end of a job, 60 seconds at most.
func train(body object) {
	body["model"] = "desk"
	fmt.Println("training", post("/train", body)["state"])
}

func classify(text string) {
	answer := post("/classify", object{"model": "desk", "text": text})
	fmt.Printf("%s: %s\n", text, answer["label"])
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	_, source, _, _ := runtime.Caller(0)
	data, err := os.ReadFile(filepath.Join(filepath.Dir(source), "rows.json"))
	check(err)
	var rows []object
	check(json.Unmarshal(data, &rows))

	train(object{"examples": rows, "replace": true})
	classify("a crash when I log in")
	correction := object{"model": "desk", "text": "where is my parcel", "label": "shipping"}
	fmt.Printf("corrected, %v rows\n", post("/feedback", correction)["total"])
	train(object{"extend": true})
	classify("where is my parcel")
}
