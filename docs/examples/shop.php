<?php
// A shop: registers what it expects, verifies what it is told, fulfils by the transaction's id AND the amount.
// php -S 127.0.0.1:9090 shop.php

/** Orders by transaction id; a table of your database, here a file. */
function orders(?callable $change = null): array
{
    $file = fopen(getenv('ORDERS_FILE') ?: 'orders.json', 'c+');
    flock($file, LOCK_EX);
    $orders = json_decode(stream_get_contents($file) ?: '{}', true);
    if ($change !== null) {
        $orders = $change($orders);
        ftruncate($file, 0);
        rewind($file);
        fwrite($file, json_encode($orders));
    }
    fclose($file);
    return $orders;
}

/** After the push was sent: its id, and exactly the amount that the order costs. */
function register(string $checkoutRequestId): string
{
    $expected = ['amount' => '50.00', 'currency' => 'KES'];
    $body = [
        'connection_id' => getenv('HAKIKA_CONNECTION'),
        'kind' => 'stk_push',
        'provider_refs' => ['checkout_request_id' => $checkoutRequestId],
    ] + $expected;
    $headers = [
        'Authorization: Bearer ' . getenv('HAKIKA_KEY'),
        'Content-Type: application/json',
        'Idempotency-Key: ' . $checkoutRequestId,
    ];
    $context = stream_context_create(['http' => [
        'method' => 'POST', 'header' => $headers, 'content' => json_encode($body), 'timeout' => 30,
    ]]);
    $answer = file_get_contents(getenv('HAKIKA_URL') . '/v1/transactions', false, $context);
    if ($answer === false) {
        throw new RuntimeException('not registered');
    }
    $id = json_decode($answer, true)['id'];
    orders(fn(array $orders) => $orders + [$id => $expected + ['fulfilled' => false]]);
    return $id;
}

function isGenuine(array $server, string $body, string $secret): bool
{
    $timestamp = $server['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return false;
    }
    $signed = ($server['HTTP_WEBHOOK_ID'] ?? '') . ".$timestamp.$body";
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $server['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if (hash_equals($expected, $given)) {
            return true;
        }
    }
    return false;
}

/** Who signed is known here; what was paid is compared with what was asked. */
function take(array $event): void
{
    $data = $event['data'];
    if ($event['type'] !== 'payment.completed' || $data['environment'] !== (getenv('ENVIRONMENT') ?: 'production')) {
        return;
    }
    $told = $data['transaction'];
    orders(function (array $orders) use ($told) {
        $order = $orders[$told['id']] ?? null;
        $isAsAsked = $order !== null && $order['amount'] === $told['amount']
            && $order['currency'] === $told['currency'] && $told['review'] === null;
        if ($isAsAsked) {
            $orders[$told['id']]['fulfilled'] = true;
        }
        return $orders;
    });
}

$body = file_get_contents('php://input');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/orders' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    $id = register($_GET['push']);
    http_response_code(201);
    echo $id;
} elseif ($path === '/orders') {
    echo json_encode((object) orders());
} elseif (isGenuine($_SERVER, $body, getenv('WEBHOOK_SECRET'))) {
    take(json_decode($body, true, 512, JSON_THROW_ON_ERROR));
    http_response_code(204);
} else {
    http_response_code(400);
}
