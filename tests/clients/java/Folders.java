// Fills topics with everything that a log can hold, and prints what a topic holds, a record a line.

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Folders {
    private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
    private static final String SMALL_SEGMENTS = "1048576";

    private final String bootstrap;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    /** The same values in every run, and none that compresses well: segments shall fill. */
    private final Random random = new Random(7);

    private Folders(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] arguments) throws Exception {
        var folders = new Folders(arguments[0]);
        switch (arguments[1]) {
            case "create" -> folders.create(arguments[2]);
            case "mixed" -> folders.mixed(arguments[2], arguments[3].equals("transactions"));
            case "compacted" -> folders.compacted(arguments[2]);
            case "read" -> folders.read(arguments[2], arguments[3]);
            default -> throw new IllegalArgumentException("unknown command " + arguments[1]);
        }
    }

    private void create(String topic) throws Exception {
        create(topic, Map.of());
    }

    /** Several segments with every codec, idempotent producers and transactions, the first records deleted. */
    private void mixed(String topic, boolean transactions) throws Exception {
        create(topic, Map.of("segment.bytes", SMALL_SEGMENTS));
        for (var codec : CODECS) {
            try (var producer = producer(Map.of("compression.type", codec, "linger.ms", "5"))) {
                for (int number = 0; number < 400; number++) {
                    producer.send(record(topic, codec + number, number % 50 == 0 ? null : value(1_500)));
                }
            }
        }
        if (transactions) {
            transactions(topic);
        }
        try (var admin = admin()) {
            var partition = new TopicPartition(topic, 0);
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(123))).all().get();
        }
    }

    private void transactions(String topic) {
        try (var producer = producer(Map.of("transactional.id", topic))) {
            producer.initTransactions();
            for (int number = 0; number < 6; number++) {
                producer.beginTransaction();
                producer.send(record(topic, "transaction" + number, value(100)));
                producer.flush();
                if (number % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
    }

    /** The same few keys again and again, some of them deleted, until the cleaner has been there. */
    private void compacted(String topic) throws Exception {
        create(topic, Map.of("cleanup.policy", "compact", "segment.bytes", SMALL_SEGMENTS,
            "min.cleanable.dirty.ratio", "0.01"));
        try (var producer = producer(Map.of("linger.ms", "5", "compression.type", "lz4"))) {
            for (int number = 0; number < 3_000; number++) {
                producer.send(record(topic, "key" + number % 100, number % 97 == 0 ? null : value(1_000)));
            }
        }
        int before = Integer.MAX_VALUE;
        for (int attempt = 0; attempt < 120; attempt++) {
            int count = records(topic, "read_uncommitted").size();
            if (count < 3_000 && count == before) {
                return;
            }
            before = count;
            Thread.sleep(1_000);
        }
        throw new IllegalStateException("nothing was compacted: " + before + " records");
    }

    private void read(String topic, String isolation) throws Exception {
        for (var record : records(topic, isolation)) {
            out.println(String.join(" ", String.valueOf(record.offset()), String.valueOf(record.timestamp()),
                record.timestampType().toString(), new String(record.key(), StandardCharsets.UTF_8),
                sum(record.value()), headers(record.headers())));
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> records(String topic, String isolation) throws Exception {
        var partition = new TopicPartition(topic, 0);
        long end;
        try (var admin = admin()) {
            end = admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset();
        }
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        settings.put("isolation.level", isolation);
        settings.put("enable.auto.commit", "false");
        var found = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer = new KafkaConsumer<byte[], byte[]>(settings)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(found::add);
            }
        }
        return found;
    }

    private ProducerRecord<byte[], byte[]> record(String topic, String key, byte[] value) {
        var record = new ProducerRecord<>(topic, 0, key.getBytes(StandardCharsets.UTF_8), value);
        record.headers().add("header", key.getBytes(StandardCharsets.UTF_8)).add("null", null);
        return record;
    }

    private byte[] value(int size) {
        var value = new byte[size];
        random.nextBytes(value);
        return value;
    }

    private static String headers(Headers headers) {
        return StreamSupport.stream(headers.spliterator(), false)
            .map(header -> header.key() + "=" + sum(header.value())).collect(Collectors.joining(","));
    }

    private static String sum(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        var crc = new CRC32();
        crc.update(bytes);
        return bytes.length + ":" + Long.toHexString(crc.getValue());
    }

    private void create(String topic, Map<String, String> configs) throws Exception {
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs))).all().get();
            var partition = new TopicPartition(topic, 0);
            for (int attempt = 0; attempt < 100; attempt++) {
                try {
                    admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get();
                    return;
                } catch (ExecutionException notYet) {
                    Thread.sleep(50);
                }
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        var settings = new HashMap<>(more);
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        return new KafkaProducer<>(settings);
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }
}
