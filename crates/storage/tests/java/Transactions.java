// Fills a topic with transactions of several producers, leaves one open, and says what a consumer
// would see as its end: "stable OFFSET" and "end OFFSET".

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class Transactions {
    private static final int ROUNDS = 40;
    private static String bootstrap;
    private static String topic;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        topic = arguments[1];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            NewTopic wanted = new NewTopic(topic, 1, (short) 1);
            wanted.configs(Map.of("segment.bytes", "1048576", "index.interval.bytes", "4096"));
            admin.createTopics(List.of(wanted)).all().get();
            fill();
            System.out.println("stable " + latest(admin, IsolationLevel.READ_COMMITTED));
            System.out.println("end " + latest(admin, IsolationLevel.READ_UNCOMMITTED));
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void fill() throws Exception {
        KafkaProducer<byte[], byte[]> plain = producer(null);
        KafkaProducer<byte[], byte[]> quick = producer("quick");
        KafkaProducer<byte[], byte[]> slow = producer("slow");
        KafkaProducer<byte[], byte[]> open = producer("open");
        slow.beginTransaction();
        for (int round = 0; round < ROUNDS; round++) {
            send(slow, 10_000);
            quick.beginTransaction();
            send(quick, 50_000);
            send(plain, 20_000);
            send(quick, 100);
            end(quick, round % 3 != 0);
            if (round % 7 == 6) {
                end(slow, round % 2 == 0);
                slow.beginTransaction();
            }
        }
        open.beginTransaction();
        send(open, 100);
        end(slow, true);
        quick.beginTransaction();
        send(quick, 100);
        end(quick, true);
        send(plain, 100);
    }

    private static void end(KafkaProducer<byte[], byte[]> producer, boolean abort) {
        if (abort) {
            producer.abortTransaction();
        } else {
            producer.commitTransaction();
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, int size) throws Exception {
        producer.send(new ProducerRecord<>(topic, new byte[size])).get();
    }

    private static KafkaProducer<byte[], byte[]> producer(String transactionalId) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        if (transactionalId != null) {
            properties.put("transactional.id", transactionalId);
        }
        ByteArraySerializer serializer = new ByteArraySerializer();
        var producer = new KafkaProducer<byte[], byte[]>(properties, serializer, serializer);
        if (transactionalId != null) {
            producer.initTransactions();
        }
        return producer;
    }

    private static long latest(Admin admin, IsolationLevel isolation) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin
            .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
            .partitionResult(partition)
            .get()
            .offset();
    }
}
