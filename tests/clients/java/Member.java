import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A member of a consumer group over Apache Kafka's own client. src/group/member.rs describes its
 * arguments, what it prints and what it obeys.
 */
public final class Member implements ConsumerRebalanceListener {
    private static final Map<String, String> ASSIGNORS = Map.of(
            "range", "org.apache.kafka.clients.consumer.RangeAssignor",
            "sticky", "org.apache.kafka.clients.consumer.StickyAssignor",
            "cooperative", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

    private final Map<String, String> options;
    private final KafkaConsumer<String, String> consumer;
    /** What was read and is not committed yet; a rebalance may be in the way. */
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private volatile boolean leaving = false;

    private Member(Map<String, String> options) {
        this.options = options;
        var settings = new Properties();
        settings.put("bootstrap.servers", options.get("bootstrap"));
        settings.put("group.id", options.get("group"));
        settings.put("client.id", options.get("name"));
        settings.put("session.timeout.ms", options.get("session"));
        settings.put("heartbeat.interval.ms", "300");
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        if (options.containsKey("assignor")) {
            String assignor = ASSIGNORS.get(options.get("assignor"));
            settings.put("partition.assignment.strategy", assignor);
        }
        if (options.containsKey("refresh")) {
            settings.put("metadata.max.age.ms", options.get("refresh"));
        }
        if (options.containsKey("instance")) {
            settings.put("group.instance.id", options.get("instance"));
        }
        var text = new StringDeserializer();
        this.consumer = new KafkaConsumer<>(settings, text, text);
    }

    public static void main(String[] arguments) {
        Map<String, String> options = Arrays.stream(arguments)
                .map(word -> word.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        var member = new Member(options);
        if (options.containsKey("reset")) {
            member.reset(Long.parseLong(options.get("reset")));
        } else {
            member.listen();
            member.consume();
        }
    }

    private void consume() {
        consumer.subscribe(List.of(options.get("topic")), this);
        while (!leaving) {
            var records = consumer.poll(Duration.ofMillis(100));
            for (ConsumerRecord<String, String> record : records) {
                say("record", record.partition(), record.offset(), record.value());
            }
            uncommitted.putAll(records.nextOffsets());
            commit();
        }
        consumer.close();
        say("left");
    }

    private void commit() {
        if (uncommitted.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(uncommitted);
            uncommitted.forEach((at, next) -> say("committed", at.partition(), next.offset()));
            uncommitted.clear();
        } catch (KafkaException error) {
            say("uncommitted", error.toString());
        }
    }

    /** Sets the offsets of a group without members to the first records from this time on. */
    private void reset(long timestamp) {
        var wanted = new HashMap<TopicPartition, Long>();
        for (int i = 0; i < Integer.parseInt(options.get("partitions")); i++) {
            wanted.put(new TopicPartition(options.get("topic"), i), timestamp);
        }
        consumer.offsetsForTimes(wanted).forEach((partition, at) ->
                uncommitted.put(partition, new OffsetAndMetadata(at.offset())));
        commit();
        consumer.close();
    }

    private void listen() {
        var commands = new BufferedReader(new InputStreamReader(System.in));
        var listener = new Thread(() -> {
            commands.lines().filter("leave"::equals).forEach(line -> leaving = true);
            if (!leaving) {
                Runtime.getRuntime().halt(1);
            }
        });
        listener.setDaemon(true);
        listener.start();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        sayPartitions("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        sayPartitions("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        sayPartitions("lost", partitions);
    }

    private static void sayPartitions(String word, Collection<TopicPartition> partitions) {
        say(word, partitions.stream()
                .map(at -> String.valueOf(at.partition()))
                .collect(Collectors.joining(" ")));
    }

    private static void say(Object... words) {
        String line = Arrays.stream(words).map(Object::toString).collect(Collectors.joining(" "));
        System.out.println(line);
    }
}
