// A shop: registers what it expects, verifies what it is told, fulfils by the transaction's id AND the amount.
// java Shop.java (17 or newer, no library; with one for JSON, use it in the place of `field`).

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Shop {
    record Order(String amount, String currency, boolean fulfilled) {}

    /** By transaction id; a table of your database. */
    static final Map<String, Order> orders = new ConcurrentHashMap<>();
    static final HttpClient http = HttpClient.newHttpClient();

    /** After the push was sent: its id, and exactly the amount that the order costs. */
    static String register(String checkoutRequestId) throws Exception {
        var expected = new Order("50.00", "KES", false);
        var body = """
            {"connection_id": "%s", "kind": "stk_push", "provider_refs": {"checkout_request_id": "%s"},
             "amount": "%s", "currency": "%s"}"""
            .formatted(env("HAKIKA_CONNECTION", ""), checkoutRequestId, expected.amount(), expected.currency());
        var request = HttpRequest.newBuilder(URI.create(env("HAKIKA_URL", "") + "/v1/transactions"))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + env("HAKIKA_KEY", ""))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", checkoutRequestId)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IOException("not registered: " + answer.body());
        var id = field(answer.body(), "id");
        orders.put(id, expected);
        return id;
    }

    static boolean isGenuine(HttpExchange exchange, byte[] body) throws Exception {
        var headers = exchange.getRequestHeaders();
        var timestamp = String.valueOf(headers.getFirst("webhook-timestamp"));
        if (!timestamp.matches("\\d{1,12}")) return false;
        if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) > 300) return false;
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(env("WEBHOOK_SECRET", "").substring(6)), "HmacSHA256"));
        mac.update((headers.getFirst("webhook-id") + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        var expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        for (var given : String.valueOf(headers.getFirst("webhook-signature")).split(" ")) {
            if (MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected)) return true;
        }
        return false;
    }

    /** Who signed is known here; what was paid is compared with what was asked. */
    static void take(String event) {
        if (!"payment.completed".equals(field(event, "type"))) return;
        if (!env("ENVIRONMENT", "production").equals(field(event, "environment"))) return;
        var transaction = event.substring(event.indexOf("\"transaction\":"));
        var amount = field(transaction, "amount");
        var currency = field(transaction, "currency");
        var isReviewed = !transaction.contains("\"review\":null");
        orders.computeIfPresent(field(transaction, "id"), (id, order) ->
            order.amount().equals(amount) && order.currency().equals(currency) && !isReviewed
                ? new Order(order.amount(), order.currency(), true)
                : order);
    }

    /** The first text of this name in compact JSON. */
    static String field(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\\s*\"([^\"\\\\]*)\"").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    static String env(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }

    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(env("PORT", "9090"))), 0);
        server.createContext("/orders", exchange -> {
            if (exchange.getRequestMethod().equals("GET")) answer(exchange, 200, ordersJson());
            else {
                try {
                    answer(exchange, 201, register(exchange.getRequestURI().getQuery().replace("push=", "")));
                } catch (Exception error) {
                    answer(exchange, 502, String.valueOf(error.getMessage()));
                }
            }
        });
        server.createContext("/", exchange -> {
            try {
                var body = exchange.getRequestBody().readAllBytes();
                if (!isGenuine(exchange, body)) answer(exchange, 400, "");
                else {
                    take(new String(body, StandardCharsets.UTF_8));
                    answer(exchange, 204, "");
                }
            } catch (Exception error) {
                answer(exchange, 500, "");
            }
        });
        server.start();
    }

    static String ordersJson() {
        return orders.entrySet().stream()
            .map(each -> "\"%s\": {\"amount\": \"%s\", \"fulfilled\": %s}"
                .formatted(each.getKey(), each.getValue().amount(), each.getValue().fulfilled()))
            .collect(Collectors.joining(", ", "{", "}"));
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
